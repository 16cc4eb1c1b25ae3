export { startRedisCluster } from './redis_cluster.ts';
export { findRedisServer, freePort, type PrivateRedis, startRedis } from './redis_server.ts';
export { tempFolder } from './temp_folder.ts';

/** URL of the tests' Redis; `undefined` where none can be had, and then Redis suites are skipped. */
export const testRedisUrl: string | undefined = process.env.NMCP_TEST_REDIS_URL;
