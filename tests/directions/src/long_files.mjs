import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const MAX_LINES = 300;

/** Files that may be longer, with the reason. */
const EXEMPT = {
  'packages/simulator/src/network/catalogue.ts': 'data: the plugins of the simulated feed, a list',
};

/** Lines of each source that counts, the longest first. */
export function countLines(root, sources) {
  return sources
    .filter((path) => !Object.hasOwn(EXEMPT, path))
    .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length - 1 }))
    .toSorted((a, b) => b.lines - a.lines);
}
