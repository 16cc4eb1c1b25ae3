// What goes wrong at a given moment: processes, Redis, clocks, scanners, scanners.yaml. Times are production's.
import { FACTOR, SCANNERS } from './settings.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms / FACTOR));
/** More calls than there are. */
const ALL = 1_000_000;

/** Each resolves when it is over. */
export function createDisturbances(world) {
  const { servers } = world;

  /** The scanners may be stopped, or dead, at the moment. */
  async function surely(scanner, method, path, body) {
    while (true) {
      const done = await world.inspect(scanner, method, path, body).catch(() => undefined);
      if (done) return;
      await sleep(2000);
    }
  }

  /** Several faults of one scanner end one by one: it forgets all at once, so those that go on are told again. */
  const faults = new Map(SCANNERS.map((scanner) => [scanner, new Set()]));
  async function fail(scanner, ms, fault) {
    const mine = faults.get(scanner);
    const body = { path: '.*', times: ALL, ...fault };
    mine.add(body);
    await world.inspect(scanner, 'POST', '/faults', body).catch(() => {});
    await sleep(ms);
    mine.delete(body);
    await surely(scanner, 'DELETE', '/faults');
    for (const other of mine) await surely(scanner, 'POST', '/faults', other);
  }

  return {
    async kill({ who, ms }) {
      await world.kill(who, 'SIGKILL');
      await sleep(ms);
      await world.up(who);
    },
    async stop({ who, ms }) {
      world.signal(who, 'SIGSTOP');
      await sleep(ms);
      world.signal(who, 'SIGCONT');
    },
    /** Somebody, or NTP, sets it right again. */
    async clock({ who, ms, for: time }) {
      for (const one of who.split('+')) world.jump(one, ms);
      await sleep(time);
      for (const one of who.split('+')) world.jump(one, -ms);
    },
    async redis({ how, ms }) {
      if (how === 'restart') await servers.restart();
      if (how === 'wipe') await servers.wipe();
      if (how === 'fail over') await servers.failOver(ms / FACTOR);
      if (how === 'demote') await servers.demote(ms / FACTOR);
      if (how === 'restore') {
        servers.keep();
        await sleep(ms);
        await servers.restore();
      }
      if (how === 'silent' || how === 'late') {
        servers.proxy.hold();
        await sleep(ms);
        servers.proxy.release({ deliver: how === 'late' });
      }
    },
    /** Its connections break off; statements under way may have been done. */
    async postgres() {
      await world.place.cut?.();
    },
    async scanner({ which, fault, ms }) {
      await fail(which, ms, fault);
    },
    async loading({ which, ms }) {
      await world.inspect(which, 'POST', '/loading', { loading: true }).catch(() => {});
      await sleep(ms);
      await surely(which, 'POST', '/loading', { loading: false });
    },
    async habit({ which, quirks, ms }) {
      await world.inspect(which, 'PUT', '/quirks', { quirks }).catch(() => {});
      await sleep(ms);
      await surely(which, 'PUT', '/quirks', { quirks: [] });
    },
    async config({ variant, ms }) {
      world.writeScanners(variant);
      await sleep(ms);
      world.writeScanners('all');
    },
  };
}
