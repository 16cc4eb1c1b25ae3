export { type App, type AppProcess, appPath, type CommandResult, runApp, startApp } from './app_process.ts';
export { freePort } from './free_port.ts';
export { type PrivatePostgres, startPostgres } from './postgres_server.ts';
export { startRedisCluster } from './redis_cluster.ts';
export { type SentinelRedis, startRedisSentinels } from './redis_sentinels.ts';
export { findRedisServer, givenOrPrivateRedis, type PrivateRedis, startRedis } from './redis_server.ts';
export { reportRows } from './report_rows.ts';
export { atLeast, atMost, beside, type Row, ratioAtLeast, ratioAtMost } from './rows.ts';
export { type PrivateS3, startS3 } from './s3_server.ts';
export { seededRandom } from './seeded_random.ts';
export { serveHttp } from './serve_http.ts';
export { type SmallDisk, smallDisk } from './small_disk.ts';
export {
  canStopProcesses,
  type ProcessOptions,
  type ScriptProcess,
  startProcess,
} from './stopping_process.ts';
export { inTempFolder, tempFolder } from './temp_folder.ts';
export { untilAnswers } from './until_answers.ts';

/** URL of the tests' Redis; `undefined` where none can be had, and then Redis suites are skipped. */
export const testRedisUrl: string | undefined = process.env.NMCP_TEST_REDIS_URL;
