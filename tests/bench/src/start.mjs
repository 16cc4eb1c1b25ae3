import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atMost, beside, freePort, inTempFolder, untilAnswers } from '@nmcp/test-support';
import { makeExport } from './make_export.mjs';
import { here, mediansInTurns } from './measure.mjs';

const RUNS = 7;

const NMCP = here('../../../apps/standalone/bin/main.js');
const INITIALIZE = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '0' } },
};

/** Milliseconds from the start of `nmcp` to what one waits for; beside it those of a bare `node`. */
export function start(say) {
  return inTempFolder(async (folder) => {
    const file = join(folder, 'small.nessus');
    makeExport(file, { hosts: 1 });
    const kinds = [
      ['nmcp serve --simulate answers /health', 1500, serveOnce],
      ['nmcp stdio answers initialize', 450, () => answersOnce(join(folder, 'data'))],
      [
        'nmcp convert of a small file',
        140,
        () => ended(NMCP, 'convert', file, '--output', join(folder, 'out')),
      ],
    ];
    const times = await mediansInTurns(
      RUNS,
      [() => ended('-e', '0'), ...kinds.map(([, , measure]) => measure)],
      say,
    );
    const [bare] = times;
    return kinds.map(([what, bar], i) => beside(atMost(what, 'ms', times[i + 1], bar), 'node -e 0', bare));
  });
}

function ended(...args) {
  return timed(
    () =>
      new Promise((resolve, reject) =>
        spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }).on('exit', (code) =>
          code === 0 ? resolve() : reject(new Error(`${args[1]} ended with ${code}`)),
        ),
      ),
  );
}

async function answersOnce(dataDir) {
  const begun = performance.now();
  const server = spawn(process.execPath, [NMCP, 'stdio', '--data-dir', dataDir], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  server.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
  await once(server.stdout, 'data');
  const took = performance.now() - begun;
  server.stdin.end();
  await once(server, 'exit');
  return took;
}

async function serveOnce() {
  const port = await freePort();
  const begun = performance.now();
  const server = spawn(process.execPath, [NMCP, 'serve', '--simulate', '--port', String(port)], {
    stdio: 'ignore',
  });
  await untilAnswers(`http://127.0.0.1:${port}/health`, { everyMs: 5 });
  const took = performance.now() - begun;
  server.kill('SIGTERM');
  await new Promise((resolve) => server.on('exit', resolve));
  return took;
}

async function timed(action) {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
}
