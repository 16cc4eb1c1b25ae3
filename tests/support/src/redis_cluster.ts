import { createClient, type RedisClientType } from 'redis';
import { freePort } from './free_port.ts';
import { type PrivateRedis, startRedis } from './redis_server.ts';

const NODES = 3;
const SLOTS = 16_384;

/** Starts a cluster of three nodes on loopback; the URL is that of the first. */
export async function startRedisCluster(binary: string): Promise<PrivateRedis> {
  const nodes = await Promise.all(
    Array.from({ length: NODES }, async () =>
      startRedis(binary, ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]),
    ),
  );
  // the default client has no modules, so that its type is the plain one
  const admins = await Promise.all(
    nodes.map(async ({ url }) => (await createClient({ url }).connect()) as unknown as RedisClientType),
  );
  const [first] = admins;
  for (const [i, admin] of admins.entries()) {
    const slots = [Math.ceil((i * SLOTS) / NODES), Math.ceil(((i + 1) * SLOTS) / NODES) - 1];
    await admin.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', ...slots.map(String)]);
    const [, myself = ''] =
      /(\S+@\S+) myself/.exec(String(await admin.sendCommand(['CLUSTER', 'NODES']))) ?? [];
    const [, port = '', busPort = ''] = /:(\d+)@(\d+)/.exec(myself) ?? [];
    await first?.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', port, busPort]);
  }
  for (const admin of admins) {
    while (
      !/cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(
        String(await admin.sendCommand(['CLUSTER', 'INFO'])),
      )
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    admin.destroy();
  }
  return {
    url: nodes[0]?.url ?? '',
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
