import { spawn } from 'node:child_process';
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

/** A script in a process of its own. */
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

/** Runs a script, and stops it before one of its calls of the file system, so that what others do meanwhile can be tested. */
export function startProcess(script: string, { cwd, stopAt = 0, about = '' }: ProcessOptions): ScriptProcess {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', `${PREAMBLE(stopAt, about)}\n${script}`],
    { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  let hasEnded = false;
  const ended = new Promise<string>((resolve, reject) => {
    child.on('close', (code) => {
      hasEnded = true;
      if (code === 0) resolve(out);
      else reject(new Error(`the process ended with ${code}: ${err}`));
    });
  });
  ended.catch(() => {}); // whoever waits for it is told
  const stopped = (async () => {
    while (!hasEnded && stateOf(child.pid) !== 'T') await delay(5);
    return !hasEnded;
  })();
  return { stopped, ended, resume: () => void child.kill('SIGCONT') };
}

/** `T` is stopped. */
function stateOf(pid: number | undefined): string | undefined {
  try {
    return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Wraps the calls in the process itself, before the script's own imports are evaluated. */
const PREAMBLE = (stopAt: number, about: string): string => `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let calls = Number.NEGATIVE_INFINITY; // until all is wrapped
const wrap = (holder, name) => {
  const call = holder[name];
  holder[name] = function (...args) {
    const isCounted = ${JSON.stringify(about)} === '' || args.some((arg) => String(arg).includes(${JSON.stringify(about)}));
    if (isCounted && ++calls === ${stopAt}) process.kill(process.pid, 'SIGSTOP');
    return call.apply(this, args);
  };
};
for (const name of ['link', 'rename', 'unlink', 'rm', 'mkdir', 'open', 'readFile', 'stat']) wrap(fs.promises, name);
for (const name of ['readdirSync', 'readFileSync']) wrap(fs, name);
const handle = await fs.promises.open(process.execPath);
for (const name of ['write', 'writeFile', 'sync', 'datasync', 'read']) wrap(Object.getPrototypeOf(handle), name);
await handle.close();
calls = 0;
syncBuiltinESMExports();
`;
