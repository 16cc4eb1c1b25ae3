import { APPS, BEHIND_SCANS, GROUPS, SIMULATOR } from './groups.mjs';

/** Tests and what only they import. */
const TESTS = '_test[._][^/]+$';

/** The rules in the form that dependency-cruiser takes. A rule's comment is what a person reads when it is broken. */
export function directionRules() {
  return [
    noCircles(),
    ...packagesImportDownwards(),
    ...simulatorStandsAside(),
    ...appsAreNotImported(),
    frontendsKnowScansOnly(),
    edgeKnowsNoNode(),
    ...testsStandOutside(),
  ];
}

function noCircles() {
  return rule('no-circles', {
    comment:
      'files that import each other, even if only types, can only be understood and changed together; move what both need into a file of its own',
    to: { circular: true },
  });
}

/** Tests of a package are held to its directions too. */
function packagesImportDownwards() {
  return GROUPS.flatMap((group, height) => {
    const below = GROUPS.slice(0, height).filter(({ name }) => !group.not?.includes(name));
    return group.packages.map((name) => {
      const beside = group.pairs?.[name] ?? [];
      const allowed = [...below.flatMap(({ packages }) => packages), ...beside];
      const may = [...below.map((each) => each.name), ...beside.map((each) => `packages/${each}`)];
      return rule(`${name}-imports-downwards`, {
        comment: `packages/${name} (${group.name}) may import ${may.join(', ') || 'no other package'}: ${group.why}`,
        from: { path: folderOf(name) },
        // what is wrong with these is said by rules of their own
        to: { path: '^packages/', pathNot: [name, ...allowed, SIMULATOR.name].map(folderOf) },
      });
    });
  });
}

function simulatorStandsAside() {
  const { name, imports, usedByApps } = SIMULATOR;
  const known = GROUPS.filter((group) => imports.includes(group.name)).flatMap(({ packages }) => packages);
  return [
    rule('simulator-imports-edge-only', {
      comment: `packages/${name} may import ${imports.join(', ')} only: it stands in for a real scanner, so it must not share code with what is tested against it`,
      from: { path: folderOf(name) },
      to: { path: '^(packages|apps)/', pathNot: [name, ...known].map(folderOf) },
    }),
    rule('simulator-is-for-tests-and-the-demo', {
      comment: `packages/${name} is imported by tests and ${usedByApps.map((app) => `apps/${app}`).join(', ')} only: no part of the product may depend on a scanner that is not real`,
      from: {
        path: '^(packages|apps)/',
        pathNot: [folderOf(name), TESTS, ...usedByApps.map((app) => `^apps/${app}/`)],
      },
      to: { path: folderOf(name) },
    }),
  ];
}

function appsAreNotImported() {
  return [
    rule('nothing-imports-an-app', {
      comment:
        'an app only reads settings, builds, starts and stops; what others need from it belongs in a package',
      from: { path: '^(packages|tests)/' },
      to: { path: '^apps/' },
    }),
    ...APPS.map((app) =>
      rule(`${app}-imports-no-other-app`, {
        comment: 'apps are installed one by one; what two of them need belongs in a package',
        from: { path: `^apps/${app}/` },
        to: { path: '^apps/', pathNot: `^apps/${app}/` },
      }),
    ),
  ];
}

function edgeKnowsNoNode() {
  return rule('edge-packages-know-no-node', {
    comment:
      'edge packages use web standards only, so that they run in Deno, Bun, workerd and browsers; only nessus-client/node and command-line programs may use node: modules',
    from: {
      path: groupFolders('edge'),
      pathNot: ['^packages/nessus-client/src/node/', '/(bin|testing)/', TESTS],
    },
    to: { dependencyTypes: ['core'] },
  });
}

function frontendsKnowScansOnly() {
  return rule('frontends-reach-stores-through-scans', {
    comment:
      'what a caller may do with scans is decided once, in packages/scans; a frontend that reaches past it can get the rules wrong on its own',
    from: { path: groupFolders('frontends'), pathNot: TESTS },
    to: { path: BEHIND_SCANS.map(folderOf) },
  });
}

function testsStandOutside() {
  return [
    rule('sources-import-no-tests', {
      comment: 'what is published must not need what is not; tests are left out of the packages',
      from: { path: '^(packages|apps)/', pathNot: TESTS },
      to: { path: ['^tests/', TESTS] },
    }),
    rule('tests-of-packages-import-support-only', {
      comment:
        'a test beside its source uses its package and tests/support; one that needs more belongs in tests/',
      from: { path: TESTS, pathNot: '^tests/' },
      to: { path: '^tests/', pathNot: '^tests/support/' },
    }),
  ];
}

function rule(name, { comment, from = {}, to }) {
  return { name, comment, severity: 'error', from, to };
}

function groupFolders(wanted) {
  return GROUPS.filter(({ name }) => name === wanted).flatMap(({ packages }) => packages.map(folderOf));
}

function folderOf(name) {
  return `^packages/${name}/`;
}
