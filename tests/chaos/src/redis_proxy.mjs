// A proxy in front of Redis: it loses answers after the effect, goes silent, delivers late, and leads to another server.
import { connect, createServer } from 'node:net';
import { hasEffect, meaningOf, withClock } from './resp.mjs';

/**
 * @param port where it listens
 * @param firstTarget port of the server that it leads to
 * @param clock the time of the processes under test at a real one, which the server shall tell them
 * @param onLost told of each answer that was lost, by what it was about
 */
export async function createRedisProxy(port, firstTarget, { clock, onLost }) {
  const pairs = new Set();
  /** Connections that stood while nothing passed. */
  const stalled = new Set();
  /** How many answers are still to be lost, by what they are about. */
  const losing = new Map();
  let target = firstTarget;
  let isHolding = false;

  function lose(meaning) {
    const left = losing.get(meaning) - 1;
    if (left > 0) losing.set(meaning, left);
    else losing.delete(meaning);
    onLost(meaning);
  }

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const pair = { client, upstream, held: [] };
    pairs.add(pair);
    let asked; // what will be lost, once it has its effect
    /** Passes on, or keeps while the network stands still; what a client has sent arrives even when the client is gone. */
    const pass = (to, chunk) => {
      if (isHolding) pair.held.push(() => to.write(chunk));
      else to.write(chunk);
    };
    client.on('data', (chunk) => {
      if (losing.size > 0) {
        const meaning = meaningOf(String(chunk));
        if (losing.has(meaning)) asked = meaning;
      }
      pass(upstream, chunk);
    });
    upstream.on('data', (chunk) => {
      if (asked !== undefined && losing.has(asked) && hasEffect(asked, String(chunk))) {
        lose(asked);
        client.destroy();
        upstream.destroy();
        return;
      }
      asked = undefined;
      // each byte a character, so that nothing else is touched
      pass(client, Buffer.from(withClock(chunk.toString('latin1'), clock), 'latin1'));
    });
    const end = () => {
      if (isHolding && pair.held.length > 0) pair.held.push(() => upstream.end());
      else upstream.end();
      pairs.delete(pair);
    };
    client.on('close', end);
    client.on('error', () => {});
    upstream.on('close', () => client.destroy());
    upstream.on('error', () => client.destroy());
    if (isHolding) stalled.add(pair);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));

  return {
    /** The next answers about something get lost after the effect. */
    loseNext: (meaning, count) => losing.set(meaning, count),
    /** Leads to another server from now on; who is connected is cut off. */
    leadTo(next) {
      target = next;
      for (const { client, upstream } of pairs) {
        client.destroy();
        upstream.destroy();
      }
    },
    /** Nothing passes in either direction; connections are accepted. */
    hold() {
      isHolding = true;
      for (const pair of pairs) stalled.add(pair);
    },
    /** What was kept is delivered, late; or it never is. */
    release({ deliver }) {
      isHolding = false;
      for (const { client, upstream, held } of stalled) {
        if (deliver) for (const send of held) send();
        else {
          client.destroy();
          upstream.destroy();
        }
        held.length = 0;
      }
      stalled.clear();
    },
    close() {
      server.close();
      for (const { client, upstream } of pairs) {
        client.destroy();
        upstream.destroy();
      }
    },
  };
}
