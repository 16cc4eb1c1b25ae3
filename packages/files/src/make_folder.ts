import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './storage_error.ts';

/**
 * Makes a folder and those above it that are missing. It fails where the platform's own recursive mkdir never ends: in a file system
 * like /proc, whose folders say of a new one that it is not there.
 *
 * @param mode of the folders that are made
 * @returns whether it was made; false where it was there
 */
export async function makeFolder(path: string, mode = 0o777): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false;
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  await makeFolder(dirname(path), mode);
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false; // by somebody else meanwhile
    throw error;
  }
}
