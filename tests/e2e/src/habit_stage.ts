import { writeFile } from 'node:fs/promises';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import { tempFolder } from '@nmcp/test-support';
import { startApp } from './app_process.ts';
import type { Habit, HabitOutcome, HabitRun, Status } from './habit.ts';
import { type Answer, connect, jsonLines, type McpClient } from './mcp_client.ts';

/** At this speed a scan takes about 1.5 seconds, and is looked at several times. */
const SPEED = 40;
const TARGETS = '192.0.2.0/28';

/** One server with a scanner of its own for each habit, in a pool of its own, so that all can be played at once. */
export interface HabitStage extends AsyncDisposable {
  play(name: string): Promise<HabitOutcome>;
}

/** Starts the scanners of some habits, and a server that has them all. */
export async function openHabitStage(habits: Readonly<Record<string, Habit>>): Promise<HabitStage> {
  const folder = await tempFolder();
  const simulators = new Map<string, Simulator>();
  const config: Record<string, object[]> = {};
  for (const [name, habit] of Object.entries(habits)) {
    const { trust, quirks } = habit;
    const simulator = await startSimulator({
      speed: SPEED,
      tls: trust !== undefined,
      quirks,
      ...habit.simulator,
    });
    await habit.prepare?.(simulator);
    simulators.set(name, simulator);
    const caFile = `${folder.path}/${poolOf(name)}.pem`;
    if (trust === 'ca_file') await writeFile(caFile, simulator.certificate ?? '');
    const { url, accessKey, secretKey, username, password, fingerprint } = simulator;
    config[poolOf(name)] = [
      {
        instance_id: 's1',
        url,
        ...(habit.hasSession ? { username, password } : { access_key: accessKey, secret_key: secretKey }),
        ...(trust ? { tls: trust === 'ca_file' ? { ca_file: caFile } : { fingerprint } } : {}),
        ...habit.scanner,
      },
    ];
  }
  const file = `${folder.path}/scanners.yaml`;
  await writeFile(file, JSON.stringify(config)); // which is YAML too
  const server = startApp('standalone', ['serve', '--port', '0', '--config', file], {
    DATA_DIR: `${folder.path}/tasks`,
    POLL_SECONDS: '0.2',
    SCANNER_CALL_SECONDS: '2',
    SCAN_GONE_MINUTES: '0.05',
    LOG_LEVEL: 'warn',
  });
  const [, url = ''] = await server.says(/listens at (http:\S+)\/mcp/);
  const client = await connect(url);
  return {
    async play(name) {
      const simulator = simulators.get(name);
      const habit = habits[name];
      if (!simulator || !habit) throw new Error(`There is no habit ${name}`);
      const run = runOf(simulator, client, habit, poolOf(name));
      const status = await (habit.drive ?? once)(run);
      return await outcomeOf(simulator, client, status, poolOf(name));
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server.stop();
      for (const simulator of simulators.values()) await simulator.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function poolOf(name: string): string {
  return `nessus_${name.replaceAll(/[^A-Za-z0-9]+/g, '_').slice(0, 50)}`;
}

async function once({ submit, ended }: HabitRun): Promise<Status> {
  return await ended(await submit());
}

function runOf(simulator: Simulator, client: McpClient, habit: Habit, pool: string): HabitRun {
  const until: HabitRun['until'] = async (look) => {
    while (true) {
      const found = await look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  return {
    simulator,
    client,
    until,
    submit: (args) =>
      client.call(habit.tool ?? 'run_untrusted_scan', {
        targets: TARGETS,
        name: 'A scan',
        scanner_pool: pool,
        ...habit.args,
        ...args,
      }),
    ended: async (submitted) =>
      submitted.isError ? submitted.json : await finalStatus(client, submitted, until),
    async byHand(method, path, body) {
      const { url, accessKey, secretKey } = simulator;
      const response = await fetch(url + path, {
        method,
        headers: {
          'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}`,
          'content-type': 'application/json',
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (!response.ok) throw new Error(`${method} ${path} by hand: ${await response.text()}`);
    },
  };
}

async function finalStatus(client: McpClient, { json }: Answer, until: HabitRun['until']): Promise<Status> {
  return await until(async () => {
    const status = (await client.call('get_scan_status', { task_id: json.task_id })).json;
    return status.status === 'queued' || status.status === 'running' ? undefined : status;
  });
}

async function outcomeOf(
  simulator: Simulator,
  client: McpClient,
  status: Status,
  pool: string,
): Promise<HabitOutcome> {
  const { json } = await client.call('list_scanners', { scanner_pool: pool });
  const [scanner] = json.scanners as { circuit: string }[];
  const listed = await client.call('list_tasks', { scanner_pool: pool });
  const effects = simulator.effects();
  return {
    status,
    created: effects.filter(({ what }) => what === 'created').length,
    launched: effects.filter(({ what }) => what === 'launched').length,
    statuses: simulator.requests().map((request) => request.status),
    circuit: scanner?.circuit,
    tasks: Number(listed.json.total),
    findings: status.results_summary ? await countFindings(client, status.task_id) : 0,
  };
}

async function countFindings(client: McpClient, taskId: unknown): Promise<number> {
  const { text } = await client.call('get_scan_results', { task_id: taskId });
  return jsonLines(text).filter((line) => 'plugin_id' in line).length;
}
