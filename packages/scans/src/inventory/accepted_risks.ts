import { randomBytes } from 'node:crypto';
import { hasScope } from '@nmcp/access';
import type { AcceptedRisk, ListedRisk } from '@nmcp/inventory';
import { compileFilters } from '@nmcp/schema';
import { messageOf, NmcpError } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { ASKING, askInventory } from './ask_inventory.ts';

/** Which findings are accepted, why, and for how long. */
export interface AcceptRiskInput {
  /** Number of a plugin; it or `cve` is needed. */
  plugin?: string | undefined;
  cve?: string | undefined;
  /** Only there: an address, a network or a name. @default everywhere */
  host?: string | undefined;
  reason: string;
  /** Days until it ends, from 1 to 3650. */
  days: number;
  /** Who decided. @default the caller */
  person?: string | undefined;
}

const DAY = 86_400;
const CHANGING = { scope: 'admin', toolsets: ['inventory'], changes: true } as const;

/**
 * Accepts findings for some time: they are no longer open, but accepted.
 *
 * @throws {NmcpError} `invalid_input` that says what is wrong; `unavailable`, `storage`
 */
export const acceptRisk: Operation<AcceptRiskInput, AcceptedRisk> = operation(
  { name: 'accept_risk', ...CHANGING },
  async ({ inventory, audit, clock }, caller, { person = caller.name, ...input }) => {
    const wanted = checked(input);
    const now = Math.floor(clock() / 1000);
    const risk: AcceptedRisk = {
      ...wanted,
      id: randomBytes(4).toString('hex'),
      person,
      until: now + Math.floor(input.days) * DAY,
      createdAt: now,
    };
    await inventory.acceptRisk(risk);
    await audit.append({ action: 'risk.accept', decision: 'allowed', caller: caller.name, ...factsOf(risk) });
    return risk;
  },
);

/** Takes an accepted risk back: its findings are open again. @throws {NmcpError} `not_found` */
export const takeBackRisk: Operation<{ id: string }, void> = operation(
  { name: 'take_back_risk', ...CHANGING },
  async ({ inventory, audit }, caller, { id }) => {
    if (!(await inventory.takeBackRisk(id)))
      throw new NmcpError('not_found', `No accepted risk has the id ${JSON.stringify(id.slice(0, 40))}`);
    await audit.append({ action: 'risk.take_back', decision: 'allowed', caller: caller.name, risk: id });
  },
);

/** Accepted risks, the next to end first: all for an admin, else those of findings that the caller sees. */
export const listAcceptedRisks: Operation<Record<never, never>, ListedRisk[]> = operation(
  { name: 'list_accepted_risks', ...ASKING },
  async (services, caller, _input, signal) => {
    const risks = await askInventory(services, caller, 'risks', undefined, signal);
    return hasScope(caller, 'admin') ? risks : risks.filter(({ findings }) => findings > 0);
  },
);

/** @throws {NmcpError} `invalid_input` */
function checked({
  plugin,
  cve,
  host,
  reason,
  days,
}: AcceptRiskInput): Pick<AcceptedRisk, 'plugin' | 'cve' | 'host' | 'reason'> {
  const refuse = (field: string, what: string): never => {
    throw new NmcpError('invalid_input', `${field}: ${what}`, { title: 'Invalid input' });
  };
  if (plugin === undefined && cve === undefined)
    refuse('plugin, cve', 'give one of them; all findings of a host cannot be accepted at once');
  if (plugin !== undefined && !/^\d{1,9}$/.test(plugin))
    refuse('plugin', `expected a number such as 57608, got ${JSON.stringify(plugin.slice(0, 40))}`);
  if (cve !== undefined && !/^CVE-\d{4}-\d{4,}$/i.test(cve))
    refuse('cve', `expected one such as CVE-2021-44228, got ${JSON.stringify(cve.slice(0, 40))}`);
  if (reason.trim() === '') refuse('reason', 'say why, for those who read it later');
  if (!(days >= 1 && days <= 3650)) refuse('days', 'expected a number from 1 to 3650');
  if (host !== undefined)
    try {
      compileFilters({ host });
    } catch (error) {
      refuse('host', messageOf(error));
    }
  return {
    ...(plugin === undefined ? {} : { plugin: Number(plugin) }),
    ...(cve === undefined ? {} : { cve: cve.toUpperCase() }),
    ...(host === undefined ? {} : { host }),
    reason: reason.trim(),
  };
}

function factsOf({
  id,
  plugin,
  cve,
  host,
  reason,
  until,
  person,
}: AcceptedRisk): Record<string, string | number> {
  return {
    ...{ risk: id, reason, person, until: new Date(until * 1000).toISOString() },
    ...(plugin === undefined ? {} : { plugin }),
    ...(cve === undefined ? {} : { cve }),
    ...(host === undefined ? {} : { host }),
  };
}
