import { spawn } from 'node:child_process';
import { atMost, beside, freePort, untilAnswers } from '@nmcp/test-support';
import { here, median } from './measure.mjs';

const RUNS = 7;

/** Milliseconds from the start of `nmcp serve --simulate` to an answer of /health; beside it those of a bare `node`. */
export async function start(say) {
  const ours = [];
  const bare = [];
  for (let i = 0; i < RUNS; i++) {
    say(`start ${i + 1} of ${RUNS}`);
    bare.push(
      await timed(() => new Promise((resolve) => spawn(process.execPath, ['-e', '0']).on('exit', resolve))),
    );
    ours.push(await serveOnce());
  }
  const row = atMost('nmcp serve answers /health', 'ms', median(ours), 1500);
  return [beside(row, 'node -e 0', median(bare))];
}

async function serveOnce() {
  const port = await freePort();
  const begun = performance.now();
  const server = spawn(
    process.execPath,
    [here('../../../apps/standalone/dist/main.js'), 'serve', '--simulate', '--port', String(port)],
    { stdio: 'ignore' },
  );
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
