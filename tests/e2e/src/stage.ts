import { writeFile } from 'node:fs/promises';
import { type Simulator, type SimulatorOptions, startSimulator } from '@nmcp/simulator';
import { findRedisServer, startRedis, tempFolder } from '@nmcp/test-support';

/** Where the queue is. */
export type Store = 'redis' | 'embedded';

/** What the apps need to run: a scanner, a data directory, a store. */
export interface Stage extends AsyncDisposable {
  simulator: Simulator;
  /** Path of scanners.yaml. */
  config: string;
  dataDir: string;
  /** Of every app. */
  environment: Record<string, string>;
  /** Ends Redis. */
  stopStore(): Promise<void>;
}

/** The stores that can be had here; the tests say loudly which they skip. */
export const STORES: readonly Store[] =
  findRedisServer() === undefined ? ['embedded'] : ['redis', 'embedded'];

/** @param store on Redis: a server of its own */
export async function openStage(store: Store, options: SimulatorOptions = {}): Promise<Stage> {
  const folder = await tempFolder();
  const redis = store === 'redis' ? await startRedis(findRedisServer() ?? '') : undefined;
  const simulator = await startSimulator(options);
  const config = `${folder.path}/scanners.yaml`;
  const dataDir = `${folder.path}/tasks`;
  const { url, accessKey, secretKey, fingerprint } = simulator;
  await writeFile(
    config,
    `nessus:\n  - instance_id: s1\n    url: ${url}\n    access_key: ${accessKey}\n    secret_key: \${SCANNER_SECRET}\n    tls: {fingerprint: "${fingerprint}"}\n`,
  );
  return {
    simulator,
    config,
    dataDir,
    environment: {
      ...(redis ? { REDIS_URL: redis.url } : {}),
      DATA_DIR: dataDir,
      SCANNER_CONFIG: config,
      SCANNER_SECRET: secretKey,
      PORT: '0',
      POLL_SECONDS: '0.2',
      SCANNER_CALL_SECONDS: '3',
    },
    stopStore: async () => redis?.stop(),
    async [Symbol.asyncDispose]() {
      await simulator.close();
      await redis?.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}
