import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { RedisConnection } from './connection.ts';
import { createLink } from './link.ts';

test('a link that is destroyed while its connection is being made leaves none behind', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write('+OK\r\n'.repeat(String(data).split('*').length - 1)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  for (let turns = 0; turns < 40; turns++) {
    const link = createLink({ url: `redis://127.0.0.1:${port}` });
    const connected = link.connect().catch(() => {});
    for (let turn = 0; turn < turns; turn++)
      await (turn % 2 === 0 ? Promise.resolve() : new Promise(setImmediate));
    link.destroy();
    await connected;
  }
  const lastHasEnded = once(server, 'close');
  server.close();
  await expect(lastHasEnded).resolves.toEqual([]);
});

test('a connection that was replaced, and whose server is silent, is left in the end', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const text = String(data);
      if (text.includes('refused'))
        socket.write("-READONLY You can't write against a read only replica.\r\n");
      else if (!text.includes('silent')) socket.write('+OK\r\n'.repeat(text.split('*').length - 1));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const first = once(server, 'connection');
  const connection = await RedisConnection.open({ url: `redis://127.0.0.1:${port}`, silenceMs: 200 });
  const [socket] = await first;
  const hasEnded = once(socket, 'close');
  const replaced = once(server, 'connection');
  const refused = connection.command('SET', 'refused', '1');
  const silent = connection.command('GET', 'silent');
  await Promise.all([
    expect(refused).rejects.toThrow('READONLY'),
    expect(silent).rejects.toMatchObject({ code: 'unavailable' }),
  ]);
  await replaced;
  await hasEnded;
  connection.close();
  server.close();
});
