import type { Inventory, NetworkSummary } from '@nmcp/inventory';

type Zones = NetworkSummary['zones'];

/** What was read last, and what is being read. */
const readings = new WeakMap<Inventory, { last?: Zones; reading?: Promise<void> | undefined }>();
/** Milliseconds that a scrape waits: an inventory of millions is read for seconds when it has changed. */
const PATIENCE_MS = 2000;

/** How all zones stand, as it was read last; `undefined` until the inventory has answered. */
export async function readZones(inventory: Inventory): Promise<Zones | undefined> {
  const known = readings.get(inventory) ?? {};
  readings.set(inventory, known);
  known.reading ??= inventory
    .ask('network', {}, { viewer: {}, share: 'metrics' })
    .then(
      ({ zones }) => {
        known.last = zones;
      },
      () => {}, // a database that is away is said by whoever needs it
    )
    .finally(() => {
      known.reading = undefined;
    });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
    timer.unref();
  });
  await Promise.race([known.reading, patience]);
  clearTimeout(timer);
  return known.last;
}
