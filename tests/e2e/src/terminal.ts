import { spawnSync } from 'node:child_process';
import { type App, appPath } from './app_process.ts';

/** Whether there is a terminal to draw on. Without one the tests say loudly that they are skipped; in CI that fails. */
export function hasTerminal(): boolean {
  if (spawnSync('tmux', ['-V']).status === 0) return true;
  console.warn('SKIPPED: there is no tmux on the PATH, so nothing was drawn on a terminal');
  if (process.env.CI === 'true') throw new Error('CI needs tmux');
  return false;
}

/** An app on a terminal of its own. */
export interface Terminal extends Disposable {
  /** Resolves with what is shown as soon as it matches. */
  shows(pattern: RegExp): Promise<string>;
  type(...keys: string[]): void;
}

let number = 0;

/** Runs an app on a terminal; its exit code is shown at the end, as in `ended with 0`. */
export function openTerminal(
  app: App,
  args: readonly string[],
  environment: Record<string, string>,
  [columns, rows]: readonly [number, number] = [120, 40],
): Terminal {
  const name = `nmcp-${process.pid}-${++number}`;
  const tmux = (...words: string[]): string =>
    spawnSync('tmux', ['-L', name, ...words], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    }).stdout;
  const command = [process.execPath, appPath(app), ...args].map((word) => `'${word}'`).join(' ');
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), `${command}; echo ended with $?; cat`);
  return {
    async shows(pattern) {
      while (true) {
        const shown = tmux('capture-pane', '-p');
        if (pattern.test(shown)) return shown;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    type: (...keys) => void tmux('send-keys', ...keys),
    [Symbol.dispose]: () => void tmux('kill-server'),
  };
}
