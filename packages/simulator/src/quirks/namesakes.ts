import type { ScannerState } from '../state/scanner_state.ts';
import type { PlantedScan } from '../state/scans.ts';
import { isCreate } from './calls.ts';
import { isObject } from './edit_fields.ts';
import type { Quirk, QuirkActions } from './quirk.ts';

const DAY_MS = 86_400_000;

/** Habits of a scanner that has scans of the same name as the one that is created. */
export const NAMESAKE_QUIRKS: readonly Quirk[] = [
  {
    name: 'shared-namesake',
    description: 'Somebody shares a young scan of the same name that we may only view: its editor is 403.',
    source: "Tenable's page on permissions",
    start: (state) => planting(state, () => [{ createdAt: state.now(), sharedBy: 'somebody' }]).actions,
  },
  {
    name: 'namesakes',
    description: 'There are many scans of the same name, made on the days before.',
    source: 'plausible',
    value: { is: 'scans', byDefault: 200 },
    start: (state, count) =>
      planting(state, () =>
        Array.from({ length: count }, (_, i) => ({ createdAt: state.now() - DAY_MS - i * 1000 })),
      ).actions,
  },
  {
    name: 'imported-namesake',
    description: 'A scan of the same name was imported just now: it has no settings, and its editor is 404.',
    source: 'plausible',
    start: (state) =>
      planting(state, () => [{ createdAt: state.now(), imported: { xml: '', hosts: [] } }]).actions,
  },
  {
    name: 'deleted-namesake',
    description: 'A young scan of the same name is deleted between the list and the look into it.',
    source: 'plausible',
    start: (state) => {
      const { actions, planted } = planting(state, () => [{ createdAt: state.now() }]);
      return {
        async before(call) {
          const id = Number(/^\/editor\/scan\/(\d+)$/.exec(call.path)?.[1]);
          if (planted.delete(id)) state.scans.delete(id);
          return await actions.before?.(call);
        },
      };
    },
  },
];

/** Plants scans before the first one of a name is created. */
function planting(
  state: ScannerState,
  scans: () => Omit<PlantedScan, 'name'>[],
): { actions: QuirkActions; planted: Set<number> } {
  const names = new Set<string>();
  const planted = new Set<number>();
  const actions: QuirkActions = {
    async before(call) {
      const { settings } = isCreate(call) ? await call.body() : {};
      const name = isObject(settings) ? String(settings.name) : undefined;
      if (name === undefined || names.has(name)) return undefined;
      names.add(name);
      for (const scan of scans()) planted.add(state.scans.plant({ name, ...scan }).id);
      return undefined;
    },
  };
  return { actions, planted };
}
