import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Options of {@linkcode startProcess}. */
export interface ProcessOptions {
  /** Folder from which the script's imports are found. */
  cwd: URL;
  /** From 1: before which of its calls that change or look at files the process stops (SIGSTOP). @default none */
  stopAt?: number | undefined;
  /** Only calls of which an argument contains this count. @default all */
  about?: string | undefined;
}

/** A script in a process that nothing else uses meanwhile. */
export interface ScriptProcess {
  /** Resolves when it has stopped, with true, or has ended without, with false. */
  stopped: Promise<boolean>;
  /** Lets it go on. */
  resume(): void;
  /** What it wrote to stdout by its end; rejects when it failed. */
  ended: Promise<string>;
}

/** Whether processes can be stopped here, and seen to be. */
export const canStopProcesses: boolean = process.platform === 'linux';

/** Processes that have nothing to do, by the folder from which their imports are found. */
const idle = new Map<string, ChildProcess[]>();

/**
 * Runs a script in a process, and stops it before one of its calls of the file system, so that what others do meanwhile can
 * be tested. Two that run at a time have two processes; one that has ended leaves its process, with all that it imported, to
 * the next of its folder, which takes a tenth of the time.
 *
 * @param script a module; what it tells `console.log` is its output
 */
export function startProcess(script: string, { cwd, stopAt = 0, about = '' }: ProcessOptions): ScriptProcess {
  const unused = idle.get(cwd.href) ?? [];
  idle.set(cwd.href, unused);
  const child = unused.pop() ?? newProcess(cwd);
  let hasEnded = false;
  const ended = new Promise<string>((resolve, reject) => {
    child.once('message', ({ out, failure }: ScriptResult) => {
      child.removeAllListeners('exit');
      if (failure === undefined) {
        unused.push(child);
        resolve(out);
      } else {
        child.disconnect();
        reject(new Error(`the script failed: ${failure}`));
      }
    });
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
  }).finally(() => {
    hasEnded = true;
  });
  ended.catch(() => {}); // whoever waits for it is told
  child.send({ script: withImportsFirst(script), stopAt, about });
  const stopped = (async () => {
    while (!hasEnded && stateOf(child.pid) !== 'T') await delay(5);
    return !hasEnded;
  })();
  return { stopped, ended, resume: () => void child.kill('SIGCONT') };
}

/** What a process says at the end of a script. */
interface ScriptResult {
  out: string;
  failure?: string;
}

/** It ends with its parent, which keeps the channel. */
function newProcess(cwd: URL): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PREAMBLE], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.unref();
  child.channel?.unref();
  return child;
}

/** A module as the body of a function, which begins to be counted when all is imported. */
function withImportsFirst(script: string): string {
  const imports = /^ *import (\{[^}]*\}) from (['"][^'"]+['"]);$/gm;
  const loading = Array.from(
    script.matchAll(imports),
    ([, names, from]) => `const ${names} = await import(${from});`,
  );
  return [...loading, 'begin();', script.replaceAll(imports, '')].join('\n');
}

/** `T` is stopped. */
function stateOf(pid: number | undefined): string | undefined {
  try {
    return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Wraps the calls in the process itself, before the imports of any script are evaluated. */
const PREAMBLE = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let [calls, stopAt, about] = [0, 0, ''];
const wrap = (holder, name) => {
  const call = holder[name];
  holder[name] = function (...args) {
    const isCounted = stopAt > 0 && (about === '' || args.some((arg) => String(arg).includes(about)));
    if (isCounted && ++calls === stopAt) process.kill(process.pid, 'SIGSTOP');
    return call.apply(this, args);
  };
};
for (const name of ['link', 'rename', 'unlink', 'rm', 'mkdir', 'open', 'readFile', 'stat']) wrap(fs.promises, name);
for (const name of ['readdirSync', 'readFileSync']) wrap(fs, name);
const handle = await fs.promises.open(process.execPath);
for (const name of ['write', 'writeFile', 'sync', 'datasync', 'read']) wrap(Object.getPrototypeOf(handle), name);
await handle.close();
syncBuiltinESMExports();
process.on('message', async (task) => {
  let out = '';
  const console = { ...globalThis.console, log: (value) => void (out += value + '\\n') };
  const begin = () => {
    [calls, stopAt, about] = [0, task.stopAt, task.about];
  };
  try {
    await eval('(async () => {' + task.script + '\\n})()');
    stopAt = 0;
    process.send({ out });
  } catch (error) {
    process.send({ out, failure: String(error.stack) });
  }
});
`;
