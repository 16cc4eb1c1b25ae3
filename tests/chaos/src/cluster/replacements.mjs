import { APIS, ROOT, WORKERS } from './open_cluster.mjs';

/** Workers and API servers in turns, so that each kind meets both versions of the other. */
const ORDER = WORKERS.flatMap((worker, i) => [worker, APIS[i]]).filter(Boolean);

/**
 * What is done in the rounds of a rolling upgrade: forward, back, and forward again.
 *
 * @param before where the version of before stands
 */
export function replacements(before) {
  const ways = [
    ['upgrade', ROOT],
    ['rollback', before],
    ['upgrade again', ROOT],
  ];
  return Object.fromEntries(
    ways.flatMap(([way, root]) =>
      ORDER.map((name) => [`${way} of ${name}`, (cluster) => cluster.replace(name, root)]),
    ),
  );
}
