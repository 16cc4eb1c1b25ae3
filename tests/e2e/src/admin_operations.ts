import { writeFile } from 'node:fs/promises';
import { startApiAndWorker } from './api_and_worker.ts';
import { type AppProcess, type CommandResult, runApp } from './app_process.ts';
import type { McpClient } from './mcp_client.ts';
import { openStage, type Stage, type Store } from './stage.ts';

/** A stage with api and worker running, and nmcp-admin beside them. */
export interface Operations extends AsyncDisposable {
  stage: Stage;
  client: McpClient;
  worker: AppProcess;
  admin(...args: string[]): Promise<CommandResult>;
  /** What a command prints with --json. */
  ask(...args: string[]): Promise<unknown>;
  submit(name: string): Promise<string>;
}

/** Starts them. */
export async function operations(store: Store, speed = 300, policy = 'default: {}'): Promise<Operations> {
  const stage = await openStage(store, { speed });
  await writeFile(`${stage.dataDir}.policy.yaml`, policy);
  stage.environment.POLICY_FILE = `${stage.dataDir}.policy.yaml`;
  const started = await startApiAndWorker(stage.environment);
  const { worker, client } = started;
  const admin = (...args: string[]): Promise<CommandResult> =>
    runApp('admin-cli', args, { environment: stage.environment });
  return {
    stage,
    client,
    worker,
    admin,
    async ask(...args) {
      const { code, stdout, stderr } = await admin(...args, '--json');
      if (stdout === '') throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    async submit(name) {
      const { json, text } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/29', name });
      if (typeof json.task_id !== 'string') throw new Error(text);
      return json.task_id;
    },
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}
