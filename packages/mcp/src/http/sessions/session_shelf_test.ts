import { LOCAL_CALLER } from '@nmcp/access';
import { createMemorySessions } from '@nmcp/queue';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveSession } from './live_session.ts';
import { SessionShelf } from './session_shelf.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A session whose server is left out. */
function session(
  id: string,
  isBusy: boolean,
): LiveSession & { close: ReturnType<typeof vi.fn<() => Promise<void>>> } {
  const now = performance.now();
  return {
    id,
    caller: LOCAL_CALLER,
    subscriptions: {} as never, // nothing asks for it
    usedAt: now,
    touchedAt: now,
    isBusy: () => isBusy,
    receive() {},
    close: vi.fn(async () => {}),
  };
}

test('a session that nobody uses leaves the memory, and comes again; one that is busy stays', async () => {
  const store = createMemorySessions();
  const takenUp: string[] = [];
  const shelf = new SessionShelf(store, 'here', async (id) => {
    takenUp.push(id);
    return session(id, false);
  });
  for (const id of ['idle', 'busy']) await store.create(id, { caller: LOCAL_CALLER.name, initialize: '{}' });
  const idle = session('idle', false);
  const busy = session('busy', true);
  await shelf.add(idle);
  await shelf.add(busy);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(shelf.size).toBe(2);
  await vi.advanceTimersByTimeAsync(4000);
  expect(shelf.size).toBe(1);
  expect(idle.close).toHaveBeenCalledOnce();
  expect((await shelf.find('idle'))?.id).toBe('idle');
  expect(takenUp).toEqual(['idle']);
  await vi.advanceTimersByTimeAsync(1_800_000); // a call that never ends does not keep it for ever
  expect(shelf.size).toBe(0);
  expect(busy.close).toHaveBeenCalledOnce();
  await shelf.close();
});
