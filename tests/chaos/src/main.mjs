// npm run chaos -- [--rounds N] [--seed S] [--json]
// Each round submits scans through the API, kills something in the middle while the scanner or the disk does something
// wrong, restarts it, waits, and asks an oracle. All of it are processes of their own on loopback.
import { parseArgs } from 'node:util';
import { createRedisQueue } from '@nmcp/queue';
import { createTaskStore } from '@nmcp/tasks';
import { atMost, reportRows, seededRandom, tempFolder } from '@nmcp/test-support';
import { cancelScan, submitScan } from './call_api.mjs';
import { FAULTS, faultsOf } from './faults.mjs';
import { createHitTable } from './hit_table.mjs';
import { judge } from './oracle.mjs';
import { createProcesses } from './processes.mjs';
import { STEPS } from './steps.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (text) => console.error(`[chaos] ${text}`);
const STUCK_MS = 60_000;
/** Times that a worker shall be killed at each step in a long run. */
const MIN_HITS = 5;
/** Milliseconds that a worker has to come to its step. */
const STEP_MS = 6000;
/** Longer than a worker's lease: whoever was stopped for so long has lost it. */
const STOPPED_MS = 2000;
/** Every second round kills or stops a worker at a step. */
const KINDS = [
  'step',
  'kill both workers',
  'stop',
  'kill api',
  'step',
  'restart redis',
  'stop',
  'wipe redis',
  'step',
  'kill simulator',
];

const random = seededRandom(Number(values.seed));
const oneOf = (items) => items[Math.floor(random() * items.length)];
const faultNames = Object.keys(FAULTS);
const hits = createHitTable(faultNames);
/** What the API has answered. */
const said = { submitted: [], canceled: [] };
const folder = await tempFolder();
const processes = await createProcesses(folder.path);
const tasks = createTaskStore({ dataDir: processes.dataDir });

process.on('exit', () => processes.killAll());
await processes.startRedis();
await processes.startSimulator();
await processes.startApi();
for (let round = 0; round < rounds; round++) {
  const kind = KINDS[round % KINDS.length];
  const isAtStep = kind === 'step' || kind === 'stop';
  const step = isAtStep ? STEPS[Math.floor(round / 2) % STEPS.length] : undefined;
  await playRound(`round ${round + 1} of ${rounds}`, kind, step);
}
// a fault can keep a worker from its step: those that were seldom reached are tried again
for (let extra = 1; extra <= rounds / 10; extra++) {
  const step = STEPS.find((name) => hits.times(name) < MIN_HITS);
  if (step === undefined || rounds < STEPS.length * MIN_HITS) break;
  await playRound(`extra round ${extra}`, 'step', step);
}
await finish();

async function playRound(title, kind, step) {
  const count = step === undefined || random() < 0.8 ? 1 : 2;
  const fault = oneOf(faultNames);
  say(`${title}: ${kind}${step ? ` ${step}, time ${count}` : ''}; ${fault}`);
  const fullDisk = fault === 'full disk' ? 2 : 0;
  await bring(fault);
  const how = kind === 'stop' ? 'stop' : 'kill';
  await processes.startWorker('w1', { step, count, fullDisk, how });
  if (step === undefined) await processes.startWorker('w2', { fullDisk });
  const people = Promise.all([submitAll(title), cancelOne()]);
  if (kind === 'stop') {
    await processes.untilHit(STEP_MS);
    await processes.startWorker('w2', { fullDisk });
    await sleep(STOPPED_MS);
    processes.resume('w1');
  } else if (step !== undefined) {
    await Promise.race([processes.exitOf('w1'), sleep(STEP_MS)]); // alone, so that it comes to its step
    await processes.startWorker('w2', { fullDisk });
  }
  await disturb(kind);
  await people;
  await sleep(100 + random() * 300);
  await processes.kill('w1', 'SIGKILL'); // a worker that was not killed yet is killed now
  await processes.startWorker('w1', { fullDisk });
  await untilQuiet();
  const hit = processes.takeHit();
  if (step === undefined || hit === step) hits.add(step ?? kind, fault);
  await Promise.all([processes.kill('w1', 'SIGTERM'), processes.kill('w2', 'SIGTERM')]);
  await processes.inspect('DELETE', '/faults');
}

/** Three scans; two of them are asked for twice at once, with one key. */
async function submitAll(title) {
  const key = `key of ${title}`.replaceAll(' ', '-');
  const submit = async (one) => {
    const id = await submitScan(processes.apiUrl, one);
    if (id !== undefined) said.submitted.push({ id, key: one });
  };
  await Promise.all([submit(), submit(key), submit(key)]);
}

/** In every third round or so, somebody cancels a scan, at any moment of it. */
async function cancelOne() {
  if (random() > 0.35) return;
  const before = said.submitted.length;
  const end = Date.now() + STEP_MS;
  while (said.submitted.length === before && Date.now() < end) await sleep(20);
  const one = said.submitted[before];
  if (!one) return;
  await sleep(random() * 1500);
  const asked = { id: one.id, outcome: undefined };
  said.canceled.push(asked); // it may have its effect, and no answer
  asked.outcome = await cancelScan(processes.apiUrl, one.id);
}

/** Lets the scanner go wrong for a while. */
async function bring(fault) {
  for (const body of faultsOf(fault, oneOf)) await processes.inspect('POST', '/faults', body);
  if (fault !== 'loading') return;
  await processes.inspect('POST', '/loading', { loading: true });
  setTimeout(() => processes.inspect('POST', '/loading', { loading: false }).catch(() => {}), 700);
}

async function disturb(kind) {
  await sleep(random() * 500);
  if (kind === 'kill api') {
    await processes.kill('api', 'SIGKILL');
    await processes.startApi();
  } else if (kind === 'restart redis') {
    await processes.kill('redis', 'SIGKILL');
    await processes.startRedis();
  } else if (kind === 'wipe redis') {
    await processes.kill('redis', 'SIGKILL');
    processes.forgetRedis();
    await processes.startRedis();
  } else if (kind === 'kill both workers') {
    await Promise.all([processes.kill('w1', 'SIGKILL'), processes.kill('w2', 'SIGKILL')]);
    await processes.startWorker('w2');
  } else if (kind === 'kill simulator') {
    await processes.kill('simulator', 'SIGKILL');
    await sleep(random() * 300);
    await processes.startSimulator();
  }
}

/** Waits until every accepted task is final. */
async function untilQuiet() {
  const end = Date.now() + STUCK_MS;
  while (Date.now() < end) {
    const open = await Promise.all(
      said.submitted.map(({ id }) =>
        tasks.read(id).then(
          ({ status }) => status === 'queued' || status === 'running',
          () => false,
        ),
      ),
    );
    if (!open.includes(true)) return;
    await sleep(100);
  }
}

async function finish() {
  const { scans } = await processes.inspect('GET', '/scans');
  const queue = await createRedisQueue({ url: processes.redisUrl });
  const letters = new Set((await queue.deadLetters('nessus', 10_000)).map(({ id }) => id));
  await queue.close();
  const totals = await judge({ said, tasks, scans, letters, say });
  hits.print();
  console.error(
    `\n  seed ${values.seed}, ${rounds} rounds: ${totals.submitted} accepted, ${totals.completed} completed, ${totals.canceled} canceled, ${totals.failed} failed`,
  );
  const rare = STEPS.filter((step) => hits.times(step) < MIN_HITS).length;
  reportRows(
    'chaos',
    [
      atMost('lost', 'tasks', totals.lost, 0),
      atMost('duplicate scans', 'scans', totals.duplicates, 0),
      atMost('stuck', 'tasks', totals.stuck, 0),
      atMost('results not complete', 'tasks', totals.incomplete, 0),
      atMost('steps that no task may take', 'steps', totals.illegal, 0),
      atMost('scanned although canceled before', 'tasks', totals.scannedAfterCancel, 0),
      atMost('keys with several tasks', 'keys', totals.keysWithSeveral, 0),
      atMost('dead letters of tasks that did not fail', 'letters', totals.wrongLetters, 0),
      // a short run cannot come by each step so often
      ...(rounds >= 2 * STEPS.length * MIN_HITS
        ? [atMost(`steps hit fewer than ${MIN_HITS} times`, 'steps', rare, 0)]
        : []),
    ],
    values,
  );
  await processes.endAll();
  await folder[Symbol.asyncDispose]();
  process.exit();
}
