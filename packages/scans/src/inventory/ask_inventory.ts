import { type Caller, hasScope } from '@nmcp/access';
import type { Answer, QuestionInput, QuestionName, Viewer } from '@nmcp/inventory';
import type { Services } from '../services.ts';

/** Rules of every operation that asks the inventory. */
export const ASKING = { scope: 'read', toolsets: ['inventory'], cost: 1 } as const;

/** The scans that a caller sees, which are what its inventory is made of; see `maySee`. */
export function viewerOf(caller: Caller): Viewer {
  if (hasScope(caller, 'admin')) return {};
  return { owner: caller.name, ...(hasScope(caller, 'read:all') ? { pools: caller.pools ?? 'all' } : {}) };
}

/** Asks the inventory as the caller sees it, in the caller's share of its thread. */
export function askInventory<Name extends QuestionName>(
  { inventory }: Pick<Services, 'inventory'>,
  caller: Caller,
  name: Name,
  input: QuestionInput<Name>,
  signal: AbortSignal,
): Promise<Answer<Name>> {
  return inventory.ask(name, input, { viewer: viewerOf(caller), share: caller.name, signal });
}
