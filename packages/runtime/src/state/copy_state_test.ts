import { mkdir, writeFile } from 'node:fs/promises';
import { AuditLog, verifyAuditLog } from '@nmcp/audit';
import { queuedTask } from '@nmcp/tasks';
import { startPostgres, tempFolder } from '@nmcp/test-support';
import { newTaskId, type PoolName, type Task } from '@nmcp/types';
import { afterAll, describe, expect, test } from 'vitest';
import { copyState } from './copy_state.ts';
import { openState, type StateSettings } from './open_state.ts';
import type { State } from './state.ts';

const postgres = await startPostgres();
const folder = await tempFolder();
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

let places = 0;

function files(): StateSettings {
  const dataDir = `${folder.path}/${places++}`;
  return { dataDir, tokensFile: `${dataDir}/.tokens.json`, auditLog: `${dataDir}/.audit.jsonl` };
}

async function database(): Promise<StateSettings> {
  return { ...files(), tasksUrl: await postgres?.newDatabase() };
}

function waiting(targets: string): Task {
  return queuedTask({
    ...{ task_id: newTaskId('nessus'), trace_id: 't', scan_type: 'untrusted', scanner_type: 'nessus' },
    ...{ scanner_pool: 'nessus' as PoolName, scanner_instance_id: null },
    payload: { targets, name: 'n', description: '', schema_profile: 'brief' },
    created_at: new Date().toISOString(),
  });
}

/** Something of each kind. */
async function fill({ tasks, tokens, audit }: State): Promise<Task[]> {
  const [queued, running, pending] = [waiting('10.0.0.1'), waiting('10.0.0.2'), waiting('10.0.0.3')];
  pending.approval = { state: 'pending', reason: 'r', expires_at: '2099-01-01T00:00:00.000Z' };
  for (const task of [queued, running, pending]) await tasks.create(task);
  await tasks.change(running.task_id, 7, (task) => ({
    ...task,
    ...{ status: 'running', started_at: task.created_at, nessus_scan_id: 3 },
  }));
  await tokens.create({ name: 'alice', scopes: ['scan'] });
  await tasks.owners.note('https://scanner.example', 3, { owner: 'alice', task_id: running.task_id });
  await tasks.document('.day-limits/a').commit(1, '{"reservations":[]}');
  const log = new AuditLog(audit);
  for (const caller of ['alice', 'bob']) await log.append({ action: 'x', caller, decision: 'allowed' });
  return [queued, running, pending];
}

/** All that a copy has to bring. */
async function contentOf({ tasks, tokenVersions, audit }: State): Promise<object> {
  const lines: string[] = [];
  for await (const line of audit.lines()) lines.push(line);
  return {
    tasks: await tasks.list(),
    tokens: (await tokenVersions.read()).tokens,
    owners: await tasks.owners.all(),
    limits: (await tasks.document('.day-limits/a').readLast())?.text,
    lines,
  };
}

describe.runIf(postgres)('a copy', () => {
  test('from files to a database and back holds everything, and says what it has put there', async () => {
    const [from, between, to] = [files(), await database(), files()];
    await using source = await openState(from);
    await fill(source);
    await using target = await openState(between);
    expect(await copyState(source, target, 'a')).toEqual({
      ...{ tasks: 3, tokens: 1, scan_owners: 1, audit_entries: 2, unreadable: {} },
    });
    expect(await contentOf(target)).toEqual(await contentOf(source));
    expect(await verifyAuditLog(target.audit)).toMatchObject({ valid: true, entries: 2 });
    const nothing = { tasks: 0, tokens: 0, scan_owners: 0, audit_entries: 0 };
    expect(await copyState(source, target, 'a')).toMatchObject(nothing);
    await using back = await openState(to);
    await copyState(target, back, 'b');
    expect(await contentOf(back)).toEqual(await contentOf(source));
    expect(await verifyAuditLog(back.audit)).toMatchObject({ valid: true, entries: 2 });
    // the fence goes with it: who held the task before it was copied and lost it since writes nothing
    const [running] = await back.tasks.list({ status: 'running' });
    const late = back.tasks.change(running?.task_id as Task['task_id'], 6, (task) => ({ ...task }));
    await expect(late).rejects.toMatchObject({ code: 'stale_lease' });
  });

  test('brings what was changed since the one before', async () => {
    await using source = await openState(files());
    await using target = await openState(await database());
    const [queued] = await fill(source);
    await copyState(source, target, 'a');
    await source.tasks.change(queued?.task_id as Task['task_id'], undefined, (task) => ({
      ...task,
      cancel: { at: 'now', by: 'alice' },
    }));
    await source.tokens.create({ name: 'bob', scopes: ['read'] });
    await new AuditLog(source.audit).append({ action: 'y', caller: 'bob', decision: 'denied' });
    expect(await copyState(source, target, 'a')).toMatchObject({ tasks: 1, tokens: 1, audit_entries: 1 });
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  test('that was broken off keeps servers away, and is finished by the next', async () => {
    const between = await database();
    await using source = await openState(files());
    const [queued] = await fill(source);
    {
      await using target = await openState(between);
      target.audit.restore = async () => {
        throw new Error('broken off');
      };
      await expect(copyState(source, target, '/data/tasks')).rejects.toThrow('broken off');
    }
    await expect(openState(between)).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/copy from \/data\/tasks .*not finished.*nmcp-admin copy again/),
    });
    await source.tasks.remove(queued?.task_id as Task['task_id']);
    await using target = await openState(between, { copies: true });
    await copyState(source, target, '/data/tasks');
    expect(await contentOf(target)).toEqual(await contentOf(source));
    await (await openState(between))[Symbol.asyncDispose]();
  });

  test.each<[string, (target: State) => Promise<unknown>, RegExp]>([
    [
      'tasks',
      ({ tasks }) => tasks.create(waiting('10.0.0.9')),
      /1 tasks that the source does not have, such as ne_scan/,
    ],
    ['tokens', ({ tokens }) => tokens.create({ name: 'eve', scopes: ['admin'] }), /the token \w+ of eve/],
    [
      'an audit log',
      ({ audit }) => new AuditLog(audit).append({ action: 'z', caller: 'eve', decision: 'allowed' }),
      /an audit log that differs from entry 1 on/,
    ],
  ])('to a target that holds other %s is refused, and changes nothing there', async (_what, add, why) => {
    await using source = await openState(files());
    await fill(source);
    await using target = await openState(await database());
    await add(target);
    const before = await contentOf(target);
    await expect(copyState(source, target, 'a')).rejects.toMatchObject({ code: 'conflict', message: why });
    expect(await contentOf(target)).toEqual(before);
  });

  test('to a target whose tasks have gone on since is refused, and servers go on with it', async () => {
    const between = await database();
    await using source = await openState(files());
    const [queued] = await fill(source);
    await using target = await openState(between);
    await copyState(source, target, 'a');
    await target.tasks.change(queued?.task_id as Task['task_id'], undefined, (task) => ({ ...task }));
    await expect(copyState(source, target, 'a')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/the task ne_scan\w+ as it was changed there/),
    });
    await (await openState(between))[Symbol.asyncDispose]();
  });

  test('names tasks that cannot be read, and leaves them where they are', async () => {
    await using source = await openState(files());
    await fill(source);
    const id = newTaskId('nessus');
    await mkdir(source.tasks.paths(id).folder);
    await writeFile(source.tasks.paths(id).task, '{');
    await using target = await openState(await database());
    const { tasks, unreadable } = await copyState(source, target, 'a');
    expect([tasks, unreadable]).toEqual([3, { [id]: expect.stringContaining('is damaged: it is not JSON') }]);
    expect(await target.tasks.count()).toBe(3);
  });
});
