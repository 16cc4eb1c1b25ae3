const around = (name) => [`${name}:before`, `${name}:after`];
const called = (name) => ['before', 'sent', 'answered', 'read'].map((moment) => `http.${name}:${moment}`);

/** Where a worker writes. */
const WORKER_FILES = [
  'fs.open task',
  'fs.write task',
  'fs.sync task',
  'fs.link task',
  'fs.rename task',
  'fs.sync folder',
  'fs.open results',
  'fs.write results',
  'fs.sync results',
  'fs.rename results',
  'fs.open audit',
  'fs.write audit',
  'fs.sync audit',
].flatMap(around);

/** What a worker asks of a scanner, whether the task gets through at once or was found by the worker that takes over. */
const WORKER_CALLS = [
  'login',
  'templates',
  'create',
  'details',
  'launch',
  'export',
  'export status',
  'download',
  'list',
  'marker',
  'stop',
  'delete',
].flatMap(called);

/** Where the API writes. */
const API_FILES = [
  'fs.mkdir folder',
  'fs.open task',
  'fs.write task',
  'fs.sync task',
  'fs.link task',
  'fs.rename task',
  'fs.write audit',
  'fs.sync audit',
].flatMap(around);

/** What Redis has done, and nobody heard of. */
export const LOST_ANSWERS = ['redis.claim', 'redis.complete', 'redis.renew', 'redis.enqueue', 'redis.slot'];

export const WORKER_POINTS = [...WORKER_FILES, ...WORKER_CALLS];
export const API_POINTS = API_FILES;

/** How a point of the API is called in tables, where those of workers have no prefix. */
export const apiName = (point) => `api ${point}`;

/** All points that there are with a store. */
export function pointsOf(store) {
  return [...WORKER_POINTS, ...API_POINTS.map(apiName), ...(store === 'redis' ? LOST_ANSWERS : [])];
}
