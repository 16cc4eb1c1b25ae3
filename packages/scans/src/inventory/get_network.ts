import type { AssetPlace, NetworkSummary } from '@nmcp/inventory';
import { type Operation, operation } from '../operation.ts';
import { ASKING, askInventory } from './ask_inventory.ts';

/**
 * How the network stands now, by the scans that the caller sees.
 *
 * @throws {NmcpError} `invalid_input`; `unavailable`, `storage`
 */
export const getNetwork: Operation<AssetPlace, NetworkSummary> = operation(
  { name: 'get_network', ...ASKING },
  async (services, caller, input, signal) => await askInventory(services, caller, 'network', input, signal),
);
