// What people do, and what they are told: they submit, repeat a key, cancel, approve, retry, import, and turn the scanner's knobs.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { SCANNERS } from './settings.mjs';

/** Milliseconds between two tries, of real time. */
const AGAIN_MS = 150;
/** Milliseconds until an attempt without an answer is given up. */
const PATIENCE_MS = 6000;
/** Milliseconds in which a scan is launched, unless its task was canceled or something is away. */
const LAUNCH_MS = 15_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps what was asked and what was answered; `isOver` says when nobody tries any longer. */
export function createPeople(world, isOver) {
  const said = {
    submitted: [],
    unanswered: 0,
    hanging: 0,
    canceled: [],
    retried: [],
    imported: [],
    harmed: new Set(),
  };
  /** Ids by the names that events give to submissions. */
  const ids = new Map();
  let admins = 0;

  /** A tool's answer; an error where it was refused, undefined where nobody answered in time. */
  async function call(name, input) {
    while (!isOver()) {
      const client = new Client({ name: 'chaos', version: '0' }, { versionNegotiation: { mode: 'auto' } });
      try {
        const timeout = { timeout: PATIENCE_MS };
        await client.connect(new StreamableHTTPClientTransport(new URL(`${world.apiUrl}/mcp`)), timeout);
        const result = await client.callTool({ name, arguments: input }, timeout);
        const answer = JSON.parse(result.content[0].text);
        if (!result.isError || answer.status_code < 500) return answer;
      } catch {
        // the API, or its Redis, is away just now
      } finally {
        await client.close().catch(() => {});
      }
      await sleep(AGAIN_MS);
    }
    return undefined;
  }

  async function idOf(name) {
    while (!ids.has(name) && !isOver()) await sleep(20);
    return ids.get(name);
  }

  /** Runs nmcp-admin until it was done, or is refused for good. */
  async function admin(...args) {
    for (let tries = 0; tries < 4 && !isOver(); tries++) {
      const answer = await world.admin(`admin${++admins}`, args);
      if (answer === 'hangs') said.hanging++;
      else if (answer) return answer;
      await sleep(AGAIN_MS);
    }
    return undefined;
  }

  /** Where the scan of a task is; undefined when it is nowhere, or nobody says. */
  async function scanOf(id) {
    for (const scanner of SCANNERS) {
      const { scans } = await world.inspect(scanner, 'GET', '/scans').catch(() => ({ scans: [] }));
      const scan = scans.find(({ description }) => description.includes(`[nmcp:${id}]`));
      if (scan) return { scanner, scan };
    }
    return undefined;
  }

  async function untilLaunched(id) {
    const end = Date.now() + LAUNCH_MS;
    while (Date.now() < end && !isOver()) {
      const found = await scanOf(id);
      if (found && found.scan.launches > 0) return found;
      await sleep(AGAIN_MS);
    }
    return undefined;
  }

  async function submitOne({ name, key, targets }) {
    const input = { targets, name: 'chaos', ...(key === undefined ? {} : { idempotency_key: key }) };
    const id = (await call('run_untrusted_scan', input))?.task_id;
    if (!ids.has(name)) ids.set(name, id);
    if (id === undefined) said.unanswered++;
    else said.submitted.push({ id, key });
  }

  return {
    said,
    doings: {
      async submit(event) {
        await Promise.all(Array.from({ length: event.times ?? 1 }, () => submitOne(event)));
      },
      async cancel({ of, running = false }) {
        const id = await idOf(of);
        if (id === undefined) return;
        if (running) await untilLaunched(id);
        const asked = { id, outcome: undefined, answeredAt: undefined };
        said.canceled.push(asked); // it may have its effect, and no answer
        asked.outcome = (await call('cancel_scan', { task_id: id }))?.outcome;
        asked.answeredAt = Date.now();
      },
      async approve({ of }) {
        const id = await idOf(of);
        if (id !== undefined) await admin('approve', id, '--yes');
      },
      /** Somebody stops the scan on the scanner: the task fails; or deletes it, too, which a worker does not believe at once. */
      async harm({ of, removes }) {
        const id = await idOf(of);
        const found = id && (await untilLaunched(id));
        if (!found) return;
        said.harmed.add(id);
        const path = `/scans/${found.scan.id}`;
        await world.callScanner(found.scanner, 'POST', `${path}/stop`).catch(() => {});
        if (removes) await world.callScanner(found.scanner, 'DELETE', path).catch(() => {});
      },
      /** Three people retry it at once, when it has failed. */
      async retry({ of, times }) {
        const id = await idOf(of);
        if (id === undefined) return;
        while (!isOver()) {
          const { status } = (await call('get_scan_status', { task_id: id })) ?? {};
          if (status === 'failed') break;
          if (status === 'completed' || status === undefined) return;
          await sleep(AGAIN_MS);
        }
        const answers = await Promise.all(Array.from({ length: times }, () => admin('tasks', 'retry', id)));
        said.retried.push({ of: id, ids: answers.flatMap((answer) => answer?.task_id ?? []) });
      },
      /** Somebody takes a scan of ours for one that was started by hand. */
      async import({ of }) {
        const id = await idOf(of);
        const found = id && (await untilLaunched(id));
        if (!found) return;
        const answer = await call('import_scan', {
          nessus_scan_id: found.scan.id,
          scanner_pool: 'nessus',
          scanner_instance: found.scanner,
        });
        if (answer?.task_id) said.imported.push({ id: answer.task_id, of: id });
      },
    },
  };
}
