import { spawnSync } from 'node:child_process';
import { tempFolder } from './temp_folder.ts';

/** A disk of some megabytes. */
export interface SmallDisk extends AsyncDisposable {
  path: string;
  /** Makes it bigger. */
  grow(megabytes: number): void;
}

/**
 * Mounts one in memory; `undefined` where this user may not.
 *
 * @param owner name of the user that it belongs to; default: this one
 */
export async function smallDisk(megabytes: number, owner = 'root'): Promise<SmallDisk | undefined> {
  const folder = await tempFolder();
  const mount = (...args: string[]): boolean => spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
  if (!mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder.path)) {
    await folder[Symbol.asyncDispose]();
    return undefined;
  }
  spawnSync('chown', [owner, folder.path]);
  return {
    path: folder.path,
    grow(bigger) {
      if (!mount('-o', `remount,size=${bigger}m`, folder.path))
        throw new Error('The disk cannot be made bigger');
    },
    async [Symbol.asyncDispose]() {
      spawnSync('umount', ['-l', folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}
