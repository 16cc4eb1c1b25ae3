// As much of Redis's protocol as the proxy and the harness need.
import { connect } from 'node:net';

/** Runs one command, its words without spaces; resolves with the first line of its answer, or the whole of a text. */
export function redisCommand(port, ...words) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${words.join(' ')}\r\n`));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      const [, length] = /^\$(\d+)\r\n/.exec(text) ?? [];
      const whole = length === undefined ? text.indexOf('\r\n') + 2 : length.length + 5 + Number(length);
      if (whole < 3 || text.length < whole) return;
      socket.destroy();
      resolve(text);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('Redis closed the connection')));
  });
}

/** What a worker or the API wants of Redis, as far as its answer can be lost by name. */
export function meaningOf(request) {
  if (!request.includes('EVALSHA') && !request.includes('EVAL')) return undefined;
  if (request.includes(':fence')) return request.includes('_scan_') ? 'redis.complete' : 'redis.claim';
  if (request.includes('nmcp:slots')) return 'redis.slot';
  if (request.includes('give_back')) return 'redis.give_back';
  if (request.includes(':leases') && request.includes(':dead')) return 'redis.fail';
  if (request.includes(':leases')) return 'redis.renew';
  if (request.includes('"task_id"')) return 'redis.enqueue';
  return undefined;
}

/** A server's answer to TIME, as a clock of another speed would have it; other answers are left as they are. */
export function withClock(reply, clock) {
  return reply.replace(/(?<=\*2\r\n\$10\r\n)(\d{10})\r\n\$\d\r\n(\d{1,6})(?=\r\n)/g, (_, seconds, micros) => {
    const now = clock(Number(seconds) * 1000 + Number(micros) / 1000);
    const rest = String(Math.floor((now % 1000) * 1000));
    return `${Math.floor(now / 1000)}\r\n$${rest.length}\r\n${rest}`;
  });
}

/** Whether an answer says that something was done; one about an unknown script, or no task, does not. */
export function hasEffect(meaning, reply) {
  if (reply.startsWith('-')) return false;
  return meaning !== 'redis.claim' || reply.includes('_scan_');
}
