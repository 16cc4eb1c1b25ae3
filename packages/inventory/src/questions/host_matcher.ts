import { compileFilters } from '@nmcp/schema';
import type { InventoryView } from '../inventory_view.ts';

/** An address, a network, a range, a list, or a part of a name. @throws {NmcpError} `invalid_input` */
export function hostMatcher(host: string): (view: InventoryView, place: number) => boolean {
  const { matches } = compileFilters({ host });
  return ({ names }, place) => names[place]?.some(matches) ?? false;
}
