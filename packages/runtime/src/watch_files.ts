import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Milliseconds from a change until the file is read: editors write in several steps. */
const SETTLE_MS = 200;

/**
 * Calls a function when what is in one of several files has changed. Folders are watched, since editors and Kubernetes put
 * a new file in the old one's place. Where a folder cannot be watched there are no calls, and only a manual reload works.
 *
 * @param onTrouble called with the reason when a folder cannot be watched
 */
export async function watchFiles(
  paths: readonly string[],
  onChange: () => Promise<void>,
  onTrouble: (error: unknown) => void,
): Promise<Disposable> {
  let known = await contentOf(paths);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const found = await contentOf(paths);
    if (found === known) return;
    known = found;
    await onChange();
  }

  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = looking.then(look).catch(onTrouble);
    }, SETTLE_MS);
    timer.unref();
  };

  const watchers: FSWatcher[] = [];
  for (const folder of new Set(paths.map((path) => dirname(resolve(path))))) {
    try {
      const watcher = watch(folder, { persistent: false }, later);
      watcher.on('error', onTrouble);
      watchers.push(watcher);
    } catch (error) {
      onTrouble(error);
    }
  }
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** A hash of all of them; a file that is missing at the moment is skipped. */
async function contentOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\n`).update(await readFile(path).catch(() => ''));
  return hash.digest('hex');
}
