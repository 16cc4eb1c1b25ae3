import { DISTURBED_POINTS, LEASE_MS } from './settings.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const apiOf = (oneOf) => oneOf(['api1', 'api2', 'api3']);
const workerOf = (oneOf) => oneOf(['w1', 'w2', 'w3', 'w4']);

/** What goes wrong in a round; each resolves when it is mended. */
export const DISTURBANCES = {
  /** A worker stops itself at a named step for longer than its lease, and goes on as if nothing had been. */
  async 'worker stopped at a step'(cluster, { oneOf }) {
    const name = workerOf(oneOf);
    await cluster.again(name, [{ point: oneOf(DISTURBED_POINTS), how: 'stop', count: oneOf([1, 1, 2]) }]);
    await sleep(LEASE_MS * 2.5);
    cluster.signal(name, 'SIGCONT');
  },
  async 'worker killed at a step'(cluster, { oneOf }) {
    await cluster.again(workerOf(oneOf), [{ point: oneOf(DISTURBED_POINTS), how: 'kill', count: 1 }]);
    await sleep(LEASE_MS * 2);
  },
  async 'worker killed'(cluster, { oneOf, random }) {
    const name = workerOf(oneOf);
    await cluster.kill(name);
    await sleep(random() * LEASE_MS * 2);
    await cluster.up(name);
  },
  async 'API killed'(cluster, { oneOf, random }) {
    const name = apiOf(oneOf);
    await cluster.kill(name);
    await sleep(random() * 5000);
    await cluster.up(name);
  },
  async 'Redis primary killed'(cluster, { random }) {
    const dead = await cluster.redis.signalPrimary('SIGKILL');
    await sleep(3000 + random() * 3000);
    cluster.redis.revive(dead);
  },
  async 'Redis primary hangs'(cluster) {
    const port = await cluster.redis.signalPrimary('SIGSTOP');
    await sleep(5000);
    cluster.redis.signal(port, 'SIGCONT');
  },
  async 'PostgreSQL started again'(cluster, { random }) {
    cluster.postgres.stop();
    await sleep(random() * 3000);
    cluster.postgres.start();
  },
  async 'PostgreSQL cuts its connections'(cluster) {
    for (let times = 0; times < 3; times++) {
      await cluster.place.cut();
      await sleep(500);
    }
  },
  async 'S3 answers 503'(cluster, { random }) {
    await cluster.s3.stop(['object']);
    await sleep(2000 + random() * 4000);
    await cluster.s3.start();
  },
  async 'S3 is away'(cluster, { random }) {
    await cluster.s3.stop(['proxy']);
    await sleep(2000 + random() * 4000);
    await cluster.s3.start();
  },
  async 'disk of a worker full'(cluster, { oneOf }) {
    await cluster.again(workerOf(oneOf), [{ point: 'fs.write results:before', how: 'ENOSPC', times: 5 }]);
  },
};
