// The groups of ARCHITECTURE.md as data. A package that is missing here fails the check.

/**
 * From the bottom up. A package imports from the groups below its own; within its group it imports only what `pairs` names.
 * `why` ends the sentence that a forbidden import is answered with.
 *
 * @type {{name: string, packages: string[], pairs?: Record<string, string[]>, not?: string[], why: string}[]}
 */
export const GROUPS = [
  {
    name: 'edge',
    packages: ['types', 'schema', 'nessus-client'],
    pairs: { schema: ['types'], 'nessus-client': ['types'] },
    why: 'edge packages run in browsers and edge runtimes and are used without the rest of the product',
  },
  {
    name: 'plumbing',
    packages: ['files', 'database', 'telemetry', 'settings', 'bucket'],
    why: 'plumbing is used everywhere, so it can know nothing of what it is used for',
  },
  {
    name: 'rules',
    packages: ['policy', 'access'],
    why: 'what is allowed is decided from the request alone, without looking at stored data',
  },
  {
    name: 'stores',
    packages: ['tasks', 'results', 'inventory', 'queue', 'vault', 'audit'],
    // it is made from the indexes of reports, and asked as they are
    pairs: { inventory: ['results'] },
    why: 'a store is chosen by itself (files or PostgreSQL, SQLite or Redis), so stores must not know each other; what needs two of them belongs in packages/scans or packages/runner',
  },
  {
    name: 'engine',
    packages: ['registry', 'runner'],
    pairs: { runner: ['registry'] },
    why: 'the engine carries out scans and does not know who asked for them or how',
  },
  {
    name: 'core',
    packages: ['scans'],
    why: 'what a caller may do with scans is the same for every frontend, so it knows none of them',
  },
  {
    name: 'frontends',
    packages: ['dashboard', 'mcp'],
    pairs: { mcp: ['dashboard'] },
    why: 'a frontend translates between its protocol and packages/scans; opening stores and starting processes is up to the apps',
  },
  {
    name: 'wiring',
    packages: ['runtime'],
    not: ['frontends'],
    why: 'every app is wired by it, also those without a frontend',
  },
];

/** Programs. Each imports any package and no other app; nothing imports them. */
export const APPS = ['mcp-api', 'worker', 'admin-cli', 'standalone', 'converter-page'];

/** Stands in for a real scanner, so it must not share code with what is tested against it. */
export const SIMULATOR = { name: 'simulator', imports: ['edge'], usedByApps: ['standalone'] };

/** Stores and rules that frontends reach through packages/scans only. */
export const BEHIND_SCANS = ['queue', 'tasks', 'policy', 'vault', 'audit', 'runner'];
