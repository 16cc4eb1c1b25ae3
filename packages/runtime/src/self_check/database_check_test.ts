import { expect, test } from 'vitest';
import type { State } from '../state/state.ts';
import { checkDatabase } from './database_check.ts';

const HOUR = 3_600_000;

/** A state in a database whose clock is off. */
function state(skewMs = 0): State {
  const database = { where: 'db.example/nmcp', now: async () => Date.now() + skewMs };
  return { database } as State; // what is looked at
}

async function check(tasksUrl: string | undefined, skewMs?: number): Promise<[string, string, string?][]> {
  const found = await checkDatabase({ tasksUrl }, tasksUrl === undefined ? ({} as State) : state(skewMs));
  return found.map(({ check: name, state: how, advice }) => [
    name,
    how,
    ...((advice === undefined ? [] : [advice]) as [string?]),
  ]);
}

test('tasks in files have no database to be checked', async () => {
  expect(await check(undefined)).toEqual([]);
});

test.each([-HOUR, HOUR])('a clock that differs by an hour (%i) is told', async (skewMs) => {
  expect(await check('postgres://nmcp@127.0.0.1/nmcp', skewMs)).toEqual([
    ['database', 'ok'],
    ['clock', 'failed', expect.stringContaining('NTP')],
  ]);
});

test.each([
  ['postgres://nmcp:secret@db.example/nmcp', true],
  ['postgres://nmcp:secret@db.example/nmcp?sslmode=no-verify', true],
  ['postgres://nmcp:secret@db.example/nmcp?sslmode=verify-full', false],
  ['postgres://nmcp@localhost/nmcp', false],
])('whether the way to it can be listened to is told: %s', async (url, isTold) => {
  const found = await check(url);
  expect(JSON.stringify(found)).not.toContain('secret');
  expect(found.slice(1)).toEqual(
    isTold ? [['database', 'warning', expect.stringContaining('sslmode=verify-full')]] : [],
  );
});
