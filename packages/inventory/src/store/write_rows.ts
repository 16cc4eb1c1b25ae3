import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { EvidencedScan, StoredKind } from './inventory_store.ts';
import { bytesOfNumbers } from './row_bytes.ts';
import type { Tables } from './tables.ts';

/** Writes a scan with what it looked at. */
export async function insertScan(transaction: Transaction<Tables>, scan: EvidencedScan): Promise<void> {
  const { evidence, taskId, startedAt, endedAt, owner, policy, hasOutputs, ...row } = scan;
  const { plugins, reported, reportedPorts, ports, partial } = evidence;
  const bytes = bytesOfNumbers(plugins);
  const hash = plugins.length === 0 ? null : createHash('sha256').update(bytes).digest('base64url');
  if (hash !== null)
    await transaction
      .insertInto('inventory_plugin_sets')
      .values({ hash, plugins: bytes })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute();
  await transaction
    .insertInto('inventory_scans')
    .values({
      ...row,
      task_id: taskId,
      owner: owner ?? null,
      policy: policy ?? null,
      started_at: startedAt,
      ended_at: endedAt,
      partial: partial ? 1 : 0,
      outputs: hasOutputs ? 1 : 0,
      ports: ports ?? null,
      reported_ports: [...reportedPorts].join(' '),
      reported_plugins: bytesOfNumbers(Uint32Array.from(reported).sort()),
      plugin_set: hash,
    })
    .execute();
}

/** The texts of the scan that was applied last stand. */
export async function upsertKinds(
  transaction: Transaction<Tables>,
  kinds: readonly StoredKind[],
): Promise<void> {
  await transaction
    .insertInto('inventory_kinds')
    .values([...kinds])
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        brief: eb.ref('excluded.brief'),
        full: eb.ref('excluded.full'),
      })),
    )
    .execute();
}
