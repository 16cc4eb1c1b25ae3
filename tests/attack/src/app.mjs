// One of the apps as a process: what it says, what it holds open, how much memory it takes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Starts an app, and waits until it says that it is ready. */
export async function startApp(app, environment, ready) {
  const child = spawn(process.execPath, [mainOf(app)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: '/tmp', ...environment },
  });
  let text = '';
  let look = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
      look();
    });
  const said = await new Promise((resolve, reject) => {
    look = () => {
      const found = ready.exec(text);
      if (found) resolve(found);
    };
    child.once('exit', () => reject(new Error(`${app} ended: ${text}`)));
    look();
  });
  return {
    pid: child.pid,
    said,
    log: () => text,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    /** Open descriptors. */
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    /** Resident memory in megabytes, now or at most since the start. */
    memory: (what = 'VmRSS') =>
      Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) /
      1024,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}

/** Runs an app to its end; what it printed. */
export async function runApp(app, args, environment) {
  const child = spawn(process.execPath, [mainOf(app), ...args], {
    env: { PATH: process.env.PATH, HOME: '/tmp', ...environment },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  await once(child, 'close');
  return { code: child.exitCode, text };
}

function mainOf(app) {
  return fileURLToPath(new URL(`../../../apps/${app}/dist/main.js`, import.meta.url));
}
