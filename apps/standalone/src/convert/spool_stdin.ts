import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Writes standard input to a file `stdin` in a folder of its own, since documents are read twice; answers the folder. */
export async function spoolStandardInput(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-convert-'));
  await pipeline(process.stdin, createWriteStream(join(folder, 'stdin'), { mode: 0o600 }));
  return folder;
}
