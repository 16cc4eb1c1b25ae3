import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['packages', 'apps', 'tests', 'scripts'];
const SOURCE = /[.](?:ts|tsx|mts|mjs|js|lua)$/;

/** Paths of all sources below a checkout's root, those that git does not know yet included and ignored ones left out. */
export function listSources(root) {
  const args = [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
    '--',
    ...FOLDERS,
  ];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\0')
    .filter((path) => SOURCE.test(path) && existsSync(join(root, path)));
}
