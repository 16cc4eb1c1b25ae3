import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { ROOT } from './open_cluster.mjs';

/**
 * Builds the version of a tag or a commit.
 *
 * @param folder to build it in
 * @returns the folder
 */
export function buildVersion(ref, folder, say) {
  say(`building ${ref}`);
  mkdirSync(folder, { recursive: true });
  const archive = run('git', ['-C', ROOT, 'archive', '--format=tar', ref]);
  run('tar', ['-x', '-C', folder], { input: archive });
  run(process.execPath, ['scripts/run.mjs', 'build'], { cwd: folder });
  return folder;
}

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { maxBuffer: 1 << 30, ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}
