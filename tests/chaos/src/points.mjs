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

/** What is files with the other stores is statements with a database; the audit log, too. */
const STATEMENTS = ['pg.create', 'pg.change', 'pg.audit'].flatMap(around);
const isOfResults = (point) => point.includes(' results');

/** Points of a worker with a store. */
export function workerPointsOf(store) {
  const written =
    store === 'postgres'
      ? [...STATEMENTS.filter((point) => !point.startsWith('pg.create')), ...WORKER_FILES.filter(isOfResults)]
      : WORKER_FILES;
  return [...written, ...WORKER_CALLS];
}

/** Points of the API with a store. */
export function apiPointsOf(store) {
  return store === 'postgres' ? STATEMENTS : API_FILES;
}

/** How a point of the API is called in tables, where those of workers have no prefix. */
export const apiName = (point) => `api ${point}`;

/** All points that there are with a store. */
export function pointsOf(store) {
  return [
    ...workerPointsOf(store),
    ...apiPointsOf(store).map(apiName),
    ...(store === 'embedded' ? [] : LOST_ANSWERS),
  ];
}
