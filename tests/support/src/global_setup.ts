import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer, type PrivateRedis, startRedis } from './redis_server.ts';

/** Gives all tests a folder for what several of them use, and one Redis. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-tests-'));
  await chmod(folder, 0o755); // PostgreSQL has a user of its own
  process.env.NMCP_TEST_FOLDER = folder;
  const redis = await startForAll();
  return async () => {
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/**
 * Redis for all: REDIS_URL where it is set, else a private server. Where none can be had the Redis suites are
 * skipped with a loud line, and in CI that is a failure.
 */
async function startForAll(): Promise<PrivateRedis | undefined> {
  const given = process.env.REDIS_URL;
  if (given) {
    process.env.NMCP_TEST_REDIS_URL = given;
    return undefined;
  }
  const binary = findRedisServer();
  if (binary === undefined) {
    const line =
      'NO REDIS: neither REDIS_URL nor redis-server or valkey-server on the PATH; the Redis suites are skipped';
    if (process.env.CI === 'true') throw new Error(line);
    console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`);
    return undefined;
  }
  const redis = await startRedis(binary);
  process.env.NMCP_TEST_REDIS_URL = redis.url;
  return redis;
}
