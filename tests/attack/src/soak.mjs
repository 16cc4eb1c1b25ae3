// npm run soak -- [--seconds N] [--json]
// Ten honest callers, then the same beside a hostile one: what they notice of him, and what is left of him afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atLeast, atMost, ratioAtMost, reportRows } from '@nmcp/test-support';
import { descriptorsOf, memoryOf } from './process_state.mjs';
import { openWorld } from './world.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, json: { type: 'boolean' } },
});
const SECONDS = Number(values.seconds);
const HONEST = 10;
/** Milliseconds between two calls of an honest caller. */
const PAUSE_MS = 100;
/** Hostile requests, at least; then what is left of them is measured. */
const HOSTILE_REQUESTS = 10_000;
/** Milliseconds after which everything is back where it was. */
const SETTLE_MS = 60_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (text) => console.error(`[soak] ${text}`);

const collect = fileURLToPath(new URL('collect_on_signal.mjs', import.meta.url));
const world = await openWorld({ NODE_OPTIONS: `--expose-gc --import ${collect}` });
try {
  reportRows('soak', await measure(world), { json: values.json });
} finally {
  await world.dispose();
}

async function measure(w) {
  const { limited, makeToken } = w;
  const api = w.limitedServers[0];
  const honest = [];
  for (let i = 0; i < HONEST; i++) {
    await makeToken(`honest${i}`, ['scan']);
    honest.push(`honest${i}`);
  }
  await sleep(1100); // servers look for new tokens twice a second
  const tasks = [];
  for (const name of honest) {
    const { json, text } = await limited.call(name, 'run_untrusted_scan', {
      targets: '10.50.2.1',
      name: 'n',
    });
    if (!json.task_id) throw new Error(text);
    tasks.push(json.task_id);
  }
  await limited.session(honest[0]); // what sessions need is there before, too
  say('warming up: everything that a server makes at its first use is there before');
  const first = startHostile(w);
  await callers(limited, honest, tasks, 5);
  await first.stop();
  say(`${HONEST} honest callers alone, ${SECONDS / 2} s`);
  const alone = await callers(limited, honest, tasks, SECONDS / 2);
  await sleep(SETTLE_MS - (SECONDS / 2) * 1000);
  const before = await stateOf(api, limited);
  say(`the same beside a hostile one, ${SECONDS} s and ${HOSTILE_REQUESTS} requests`);
  const hostile = startHostile(w);
  const near = await callers(limited, honest, tasks, SECONDS, () => hostile.sent() < HOSTILE_REQUESTS);
  const { sent, kinds } = await hostile.stop();
  say(`${sent} hostile requests: ${JSON.stringify(kinds)}`);
  say(`a minute later`);
  await sleep(SETTLE_MS);
  const after = await stateOf(api, limited);
  const left = (what) => Math.max(0, (after[what] - before[what]) / before[what]) * 100;
  return [
    atLeast('hostile requests', '', sent, HOSTILE_REQUESTS),
    ratioAtMost(
      'p95 of get_scan_status beside a hostile caller',
      'ms',
      near.p95,
      'without him',
      alone.p95,
      3,
    ),
    atMost('errors of honest callers', '', alone.errors + near.errors, 0),
    atMost('slowest /livez beside a hostile caller', 'ms', near.livez, 200),
    atMost('descriptors left', '%', left('descriptors'), 5),
    atMost('timers left', '%', left('timers'), 5),
    atMost('memory left, once collected', '%', left('memory'), 5),
    atMost('memory of the API at most', 'MB', memoryOf(api.child.pid, 'VmHWM'), 700),
  ];
}

async function stateOf(api, { get }) {
  const text = await (await get('/metrics', { who: 'root' })).text();
  const timers = /^nodejs_active_resources\{[^}]*type="Timeout"[^}]*\} (\d+)/m.exec(text)?.[1];
  const state = {
    descriptors: descriptorsOf(api.child.pid),
    memory: await heldBy(api),
    timers: Number(timers ?? 0),
    resident: Math.round(memoryOf(api.child.pid)),
  };
  say(JSON.stringify(state));
  return state;
}

/** Bytes that a server holds once all was collected that can be. */
async function heldBy(api) {
  const before = api.errors().length;
  process.kill(api.child.pid, 'SIGUSR2');
  for (;;) {
    const bytes = /held (\d+) bytes/.exec(api.errors().slice(before))?.[1];
    if (bytes !== undefined) return Number(bytes);
    await sleep(100);
  }
}

/** Honest callers for so long, and as long as something holds. */
async function callers({ call, get }, names, tasks, seconds, goOn = () => false) {
  const begun = performance.now();
  const isOver = () => performance.now() - begun > seconds * 1000 && !goOn();
  const times = [];
  let errors = 0;
  let livez = 0;
  const asks = names.map(async (name, i) => {
    await sleep((i * PAUSE_MS) / names.length);
    while (!isOver()) {
      const at = performance.now();
      const answer = await call(name, 'get_scan_status', { task_id: tasks[i] }).catch((error) => ({
        isError: true,
        text: String(error),
      }));
      times.push(performance.now() - at);
      if (answer.isError) {
        errors++;
        say(`${name}: ${answer.text.slice(0, 200)}`);
      }
      await sleep(PAUSE_MS);
    }
  });
  const probe = (async () => {
    while (!isOver()) {
      const at = performance.now();
      await (await get('/livez')).text();
      livez = Math.max(livez, performance.now() - at);
      await sleep(50);
    }
  })();
  await Promise.all([...asks, probe]);
  times.sort((a, b) => a - b);
  return { p95: times[Math.floor(times.length * 0.95)], errors, livez };
}

/** Starts the hostile caller, who does all that he can think of as fast as he is let. */
function startHostile({ limitedUrls, tokens, large, hostilesOwn }) {
  const what = JSON.stringify({ urls: limitedUrls, tokens: { mallory: tokens.mallory }, large, hostilesOwn });
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('hostile_process.mjs', import.meta.url)),
    what,
  ]);
  let sent = 0;
  let said = '';
  child.stderr.on('data', (chunk) => {
    sent = Number(String(chunk).trim().split('\n').at(-1)) || sent;
  });
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  return {
    sent: () => sent,
    async stop() {
      child.stdin.write('end\n');
      await once(child, 'close');
      return JSON.parse(said);
    },
  };
}
