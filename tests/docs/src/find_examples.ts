import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A piece of code in the documentation. */
export interface Example {
  /** File and line. */
  where: string;
  code: string;
  /** Words after `ts`: `no-run` is only checked for types, `redis` needs a server. */
  flags: string[];
}

const FENCE = /^([ \t*]*)```ts([^\n]*)\n([\s\S]*?)^[ \t*]*```/gm;

/** The TypeScript examples in the packages' sources and READMEs. */
export function findExamples(root: string): Example[] {
  const files = [
    ...filesIn(root, 'packages', /\/src\/.*(?<!_test)\.ts$/),
    ...filesIn(root, 'packages', /\/README\.md$/),
    join(root, 'README.md'),
  ];
  return files.flatMap((file) => examplesIn(file.slice(root.length + 1), readFileSync(file, 'utf8')));
}

function filesIn(root: string, folder: string, pattern: RegExp): string[] {
  return sourcesIn(join(root, folder))
    .filter((path) => pattern.test(path))
    .sort();
}

/** Node follows links where it looks into folders by itself: in those of node_modules it would be long. */
function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return entry.name === 'node_modules' || entry.name === 'dist' ? [] : sourcesIn(path);
  });
}

function examplesIn(name: string, text: string): Example[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const [, prefix = '', flags = '', body = ''] = match;
    const isComment = prefix.includes('*');
    const code = isComment ? body.replaceAll(/^[ \t]*\* ?/gm, '') : body;
    return {
      where: `${name}:${text.slice(0, match.index).split('\n').length}`,
      code,
      flags: flags.trim().split(/\s+/),
    };
  });
}
