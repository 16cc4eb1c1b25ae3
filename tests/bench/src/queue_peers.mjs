// One peer's run in a process of its own. Usage: node queue_peers.mjs PEER REDIS_URL [CONSUMERS] [TASKS] [WAITING]
const [peer, url, consumers = '10', tasks = '40000', waiting = '0'] = process.argv.slice(2);
const CONSUMERS = Number(consumers);
const TASKS = Number(tasks);
const PRODUCERS = 50;
const { createRedisQueue } = await import('@nmcp/queue');
const { newTaskId, newTraceId } = await import('@nmcp/types');

const pool = `bench${process.pid}`;
const payload = { targets: '10.0.0.0/24', name: 'bench', description: '', schema_profile: 'brief' };
const newEntry = () => ({
  task_id: newTaskId('nessus'),
  trace_id: newTraceId(),
  scan_type: 'untrusted',
  scanner_pool: pool,
  scanner_instance_id: null,
  payload,
});

/** Runs an action so many times, so many at a time. */
async function many(times, width, action) {
  let left = times;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (left-- > 0) await action();
    }),
  );
}

async function timed(action) {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
}

const peers = {
  /** enqueue, claim, complete */
  async nmcp() {
    const queue = await createRedisQueue({ url });
    let done = 0;
    const ms = await timed(async () => {
      let finish;
      const finished = new Promise((resolve) => {
        finish = resolve;
      });
      void Promise.all(
        Array.from({ length: CONSUMERS }, async (_, i) => {
          let ended = false;
          for (let claim; done < TASKS; ) {
            // like BullMQ's worker, it asks for the next task with the word that the last one is done
            [ended, claim] = await Promise.all([
              claim && queue.complete(claim),
              queue.claim([pool], { consumer: `w${i}`, leaseMs: 60_000, waitMs: 100 }),
            ]);
            if (ended && ++done === TASKS) finish();
          }
        }),
      );
      await many(TASKS, PRODUCERS, () => queue.enqueue(newEntry()));
      await finished;
    });
    return { per_second: (1000 * TASKS) / ms };
  },
  /** add, process, complete */
  async bullmq() {
    const { Queue, Worker } = await import('bullmq');
    const { Redis } = await import('ioredis');
    const connection = () => new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue(pool, {
      connection: connection(),
      defaultJobOptions: { removeOnComplete: true },
    });
    await queue.waitUntilReady();
    let done = 0;
    let finish;
    const finished = new Promise((resolve) => {
      finish = resolve;
    });
    const worker = new Worker(pool, async () => {}, { connection: connection(), concurrency: CONSUMERS });
    worker.on('completed', () => {
      if (++done === TASKS) finish();
    });
    await worker.waitUntilReady();
    const ms = await timed(async () => {
      await many(TASKS, PRODUCERS, () => queue.add('scan', newEntry()));
      await finished;
    });
    return { per_second: (1000 * TASKS) / ms };
  },
  /** LPUSH, RPOP: the limit */
  async bare() {
    const { createClient } = await import('redis');
    const client = await createClient({ url }).connect();
    let done = 0;
    const ms = await timed(async () => {
      const popped = Promise.all(
        Array.from({ length: CONSUMERS }, async () => {
          while (done < TASKS) if ((await client.rPop(pool)) !== null) done++;
        }),
      );
      await many(TASKS, PRODUCERS, () => client.lPush(pool, JSON.stringify(newEntry())));
      await popped;
    });
    client.destroy();
    return { per_second: (1000 * TASKS) / ms };
  },
  /** From enqueue in one connection to claim in another that waits. */
  async latency() {
    const producer = await createRedisQueue({ url });
    const consumer = await createRedisQueue({ url });
    const latencies = [];
    for (let i = 0; i < 500; i++) {
      const claiming = consumer
        .claim([pool], { consumer: 'w', leaseMs: 60_000, waitMs: 10_000 })
        .then((claim) => ({ claim, at: performance.now() }));
      await new Promise((resolve) => setTimeout(resolve, 4)); // so that it waits
      const begun = performance.now();
      await producer.enqueue(newEntry());
      const { claim, at } = await claiming;
      latencies.push(at - begun);
      await consumer.complete(claim);
    }
    return { latencies };
  },
  /** Enqueue and claim beside so many waiting tasks. */
  async depth() {
    const queue = await createRedisQueue({ url });
    await many(Number(waiting), PRODUCERS, () => queue.enqueue(newEntry()));
    const ms = await timed(() =>
      many(3000, 10, async () => {
        await queue.enqueue(newEntry());
        const claim = await queue.claim([pool], { consumer: 'w', leaseMs: 60_000 });
        await queue.complete(claim);
      }),
    );
    return { per_second: 3_000_000 / ms };
  },
};

console.log(JSON.stringify(await peers[peer]()));
process.exit();
