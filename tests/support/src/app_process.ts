import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The built apps. */
export type App = 'standalone' | 'mcp-api' | 'worker' | 'admin-cli';

/** Path of an app's main file. */
export function appPath(app: App): string {
  return fileURLToPath(new URL(`../../../apps/${app}/bin/main.js`, import.meta.url));
}

/** A running app. */
export interface AppProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** All that it wrote to standard error. */
  errors(): string;
  /** Resolves with the first match in standard error. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts an app with no environment but what is given. */
export function startApp(
  app: App,
  args: readonly string[],
  environment: Record<string, string> = {},
): AppProcess {
  const child = spawn(process.execPath, [appPath(app), ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/tmp', ...environment },
  });
  let text = '';
  let look = (): void => {};
  child.stderr.on('data', (chunk) => {
    text += chunk;
    look();
  });
  child.stdout.resume();
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  return {
    child,
    errors: () => text,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const found = pattern.exec(text);
          if (found) resolve(found);
        };
        child.once('exit', () => reject(new Error(`${app} ended before it said ${pattern}: ${text}`)));
        look();
      }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** What a command that ends has printed. */
export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an app to its end. */
export async function runApp(
  app: App,
  args: readonly string[],
  options: { input?: string | Uint8Array; environment?: Record<string, string> } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [appPath(app), ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/tmp', ...options.environment },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(options.input);
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}
