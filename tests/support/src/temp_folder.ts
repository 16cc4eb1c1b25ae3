import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone at the end of its scope, also where something is still being written into it. */
export async function tempFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'nmcp-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The same for programs that run without a compiler, since `using` is not in Node 20's own syntax. */
export async function inTempFolder<T>(action: (path: string) => Promise<T> | T): Promise<T> {
  await using folder = await tempFolder();
  return await action(folder.path);
}
