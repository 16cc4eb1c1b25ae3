import type { Clock } from '@nmcp/types';
import { type CircuitBreakers, circuitState, REASON_LENGTH } from '../circuit_breakers.ts';
import type { EmbeddedDatabase } from './database.ts';

interface Circuit {
  failures: number;
  failedAt: number;
  openUntil: number | undefined;
  probeUntil: number;
}

/** Circuits as rows, one a scanner. */
export function createEmbeddedCircuits(db: EmbeddedDatabase, clock: Clock): CircuitBreakers {
  function read(scanner: string): Circuit | undefined {
    const row = db.get(
      'SELECT failures, failed_at, open_until, probe_until FROM circuits WHERE scanner = ?',
      scanner,
    );
    if (!row) return undefined;
    const openUntil = row.open_until == null ? undefined : Number(row.open_until);
    return {
      failures: Number(row.failures),
      failedAt: Number(row.failed_at),
      openUntil,
      probeUntil: Number(row.probe_until),
    };
  }

  const reasonOf = (scanner: string): string =>
    String(db.get('SELECT reason FROM circuit_reasons WHERE scanner = ?', scanner)?.reason ?? '');

  const write = (scanner: string, { failures, failedAt, openUntil, probeUntil }: Circuit): void => {
    db.run(
      'INSERT OR REPLACE INTO circuits VALUES (?, ?, ?, ?, ?)',
      scanner,
      failures,
      failedAt,
      openUntil ?? null,
      probeUntil,
    );
  };

  return {
    allow: async (scanner, { openMs }) =>
      db.transaction(() => {
        const circuit = read(scanner);
        if (circuit?.openUntil === undefined) return true;
        // times that are farther away than any was given: the clock was set back
        const isAhead = (time: number): boolean => clock() < time && time <= clock() + openMs;
        if (isAhead(circuit.openUntil) || isAhead(circuit.probeUntil)) return false;
        write(scanner, { ...circuit, probeUntil: clock() + openMs });
        return true;
      }),
    failed: async (scanner, { failures: most, openMs }, reason = '') =>
      db.transaction(() => {
        db.run(
          'INSERT OR REPLACE INTO circuit_reasons VALUES (?, ?)',
          scanner,
          reason.slice(0, REASON_LENGTH),
        );
        const before = read(scanner);
        const isOld =
          before !== undefined && before.openUntil === undefined && clock() - before.failedAt > 10 * openMs;
        const failures = (isOld ? 0 : (before?.failures ?? 0)) + 1;
        const opens = before?.openUntil !== undefined || failures >= most;
        write(scanner, {
          failures,
          failedAt: clock(),
          openUntil: opens ? clock() + openMs : undefined,
          probeUntil: 0,
        });
        return opens && (before?.openUntil === undefined || clock() >= before.openUntil);
      }),
    async succeeded(scanner) {
      await db.change('DELETE FROM circuits WHERE scanner = ?', scanner);
    },
    states: async (scanners) =>
      scanners.map((scanner) => circuitState(scanner, read(scanner)?.openUntil, clock(), reasonOf(scanner))),
  };
}
