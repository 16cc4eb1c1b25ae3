import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
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
