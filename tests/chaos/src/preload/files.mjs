// Every write, sync, link and rename of files that matter is a pair of points: before it, and after it.
import fsPromises from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pass, report } from './points.mjs';

const KINDS = [
  [/^\.task[.-]|^task\.json/, 'task'],
  [/^scan_native\.nessus/, 'results'],
  [/^\.audit\.jsonl$/, 'audit'],
  [/^[a-z]+_\d|^[a-z]{2}_/, 'folder'],
];

/** What a file is for; `undefined` for what is no point. */
function kindOf(path) {
  const name = basename(String(path));
  return KINDS.find(([pattern]) => pattern.test(name))?.[1];
}

/** Wraps what writes; to be called before anybody imports `node:fs/promises`. */
export async function watchFiles() {
  const { link, rename, mkdir, open } = fsPromises;
  fsPromises.link = passing(
    'link',
    async (from, to) => {
      await link(from, to);
      reportCommit(String(to));
    },
    (_from, to) => to,
  );
  fsPromises.rename = passing('rename', rename, (_from, to) => to);
  fsPromises.mkdir = passing('mkdir', mkdir, (path) => path);
  const paths = new WeakMap();
  fsPromises.open = passing(
    'open',
    async (...args) => {
      const file = await open(...args);
      paths.set(file, String(args[0]));
      return file;
    },
    // opening a folder only serves to sync it
    (path, flags) => (flags === 'r' ? undefined : path),
  );
  const probe = await open('/dev/null');
  const methods = Object.getPrototypeOf(probe);
  await probe.close();
  for (const [name, operation] of [
    ['write', 'write'],
    ['writev', 'write'],
    ['writeFile', 'write'],
    ['appendFile', 'write'],
    ['sync', 'sync'],
    ['datasync', 'sync'],
  ]) {
    const original = methods[name];
    const bound = function (...args) {
      return passing(operation, original.bind(this), () => paths.get(this))(...args);
    };
    methods[name] = bound;
  }
}

/** Says who has made which version of a task, and when. */
function reportCommit(path) {
  const version = /^\.task-(\d+)\.json$/.exec(basename(path))?.[1];
  if (version !== undefined) report({ commit: basename(dirname(path)), version: Number(version) });
}

function passing(operation, original, pathOf) {
  return async (...args) => {
    const path = pathOf(...args);
    const kind = path === undefined ? undefined : kindOf(path);
    if (kind === undefined) return await original(...args);
    pass(`fs.${operation} ${kind}:before`);
    const answer = await original(...args);
    pass(`fs.${operation} ${kind}:after`);
    return answer;
  };
}
