import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { listPackages } from './list_packages.mjs';

/**
 * Reads the imports of sources and holds them against rules.
 *
 * @param {string} root
 * @param {string[]} sources paths below the root
 * @param {object[]} rules of dependency-cruiser
 * @returns {Promise<{from: string, to: string, rule: string, cycle?: string[]}[]>} what breaks them
 */
export async function cruiseSources(root, sources, rules) {
  const readable = sources.filter((path) => !path.endsWith('.lua'));
  if (readable.length === 0) return [];
  const { output } = await cruise(
    readable,
    {
      baseDir: root,
      tsPreCompilationDeps: true, // imports of types are gone after the compilation
      doNotFollow: { path: 'node_modules' },
      validate: true,
      ruleSet: { forbidden: rules },
    },
    {
      alias: aliases(root),
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.d.ts', '.d.mts', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default', 'node'],
    },
  );
  expectAllRead(readable, output.modules);
  return output.summary.violations.map(({ from, to, rule, cycle }) => ({
    from,
    to,
    rule: rule.name,
    ...(cycle && { cycle: cycle.map(({ name }) => name) }),
  }));
}

/** `@nmcp/x` leads to the source of what it exports rather than to dist, so that circles across packages are seen. */
function aliases(root) {
  return listPackages(root).flatMap(({ folder, manifest: { name, exports = {} } }) =>
    Object.entries(exports).map(([path, target]) => ({
      name: join(name, path),
      alias: join(root, folder, sourceOf(typeof target === 'string' ? target : target.default)),
      onlyModule: true,
    })),
  );
}

function sourceOf(built) {
  return built.replace(/^\.\/dist\/(.*)\.js$/, './src/$1.ts');
}

/** Without a TypeScript that it can use, dependency-cruiser passes over every .ts file without a word. */
function expectAllRead(sources, modules) {
  const read = new Set(modules.map(({ source }) => source));
  const missed = sources.filter((path) => !read.has(path));
  if (missed.length > 0)
    throw new Error(`dependency-cruiser did not read ${missed.length} sources, among them ${missed[0]}`);
  const lost = modules.flatMap(({ source, dependencies }) =>
    dependencies.filter(({ couldNotResolve }) => couldNotResolve).map(({ module }) => `${source}: ${module}`),
  );
  if (lost.length > 0)
    throw new Error(`dependency-cruiser does not know where these imports lead: ${lost.join(', ')}`);
}
