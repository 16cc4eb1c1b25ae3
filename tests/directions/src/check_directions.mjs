import { atMost } from '@nmcp/test-support';
import { cruiseSources } from './cruise_sources.mjs';
import { findCircles } from './find_circles.mjs';
import { APPS, GROUPS, SIMULATOR } from './groups.mjs';
import { listPackages } from './list_packages.mjs';
import { listSources } from './list_sources.mjs';
import { countLines, MAX_LINES } from './long_files.mjs';
import { directionRules } from './rules.mjs';

/**
 * Holds a checkout to the directions between its packages.
 *
 * @param root its folder
 * @returns a sentence for each rule that is broken, and the rows of the report
 */
export async function checkDirections(root) {
  const rules = directionRules();
  const sources = listSources(root);
  const breaches = await cruiseSources(root, sources, rules);
  const circles = findCircles(breaches);
  const imports = breaches.filter(({ cycle }) => !cycle);
  const ungrouped = packagesWithoutGroup(root);
  const lengths = countLines(root, sources);
  return {
    sentences: [
      ...sayCircles(circles, rules),
      ...sayImports(imports, rules),
      ...sayUngrouped(ungrouped),
      ...sayLong(lengths),
    ],
    rows: [
      atMost('circles of files, types included', 'circles', circles.length, 0),
      atMost('imports against the directions', 'imports', imports.length, 0),
      atMost('packages that stand in no group', 'packages', ungrouped.length, 0),
      atMost('longest source file', 'lines', lengths[0]?.lines ?? 0, MAX_LINES),
    ],
  };
}

function packagesWithoutGroup(root) {
  const known = new Set([
    ...[SIMULATOR.name, ...GROUPS.flatMap(({ packages }) => packages)].map((name) => `packages/${name}`),
    ...APPS.map((name) => `apps/${name}`),
  ]);
  return listPackages(root)
    .map(({ folder }) => folder)
    .filter((folder) => !folder.startsWith('tests/') && !known.has(folder));
}

function sayCircles(circles, rules) {
  const { comment } = rules.find(({ name }) => name === 'no-circles');
  return circles.map(
    ({ files, shortest }) =>
      `${shortest.join(' -> ')} is a circle${files.length > shortest.length - 1 ? `, part of one of ${files.length} files` : ''}: ${comment}`,
  );
}

/** One sentence for each broken rule, and below it the imports that break it. */
function sayImports(imports, rules) {
  return rules
    .map(({ name, comment }) => ({ comment, broken: imports.filter(({ rule }) => rule === name) }))
    .filter(({ broken }) => broken.length > 0)
    .map(({ comment, broken }) =>
      [comment, ...broken.map(({ from, to }) => `${' '.repeat(10)}${from} imports ${to}`)].join('\n'),
    );
}

function sayUngrouped(ungrouped) {
  return ungrouped.map(
    (folder) => `${folder} stands in no group: add it to tests/directions/src/groups.mjs where it belongs`,
  );
}

function sayLong(lengths) {
  return lengths
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${MAX_LINES}: split it by topic`);
}
