import { spawnSync } from 'node:child_process';

/** Path of Chromium: CHROMIUM, else one on the PATH. Without one the tests say loudly that they are skipped; in CI that fails. */
export function findChromium(): string | undefined {
  const found =
    process.env.CHROMIUM ??
    ['chromium', 'chromium-browser', 'google-chrome']
      .map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim())
      .find((path) => path !== '');
  if (found !== undefined) return found;
  console.warn('SKIPPED: there is no Chromium on the PATH and no CHROMIUM, so no page was looked at');
  if (process.env.CI === 'true') throw new Error('CI needs Chromium');
  return undefined;
}
