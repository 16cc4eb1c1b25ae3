import { expect, test } from 'vitest';
import { judge } from './oracle.mjs';
import { createTimeline } from './timeline.mjs';

const version = (number: number, status: string, more: object = {}) => ({
  task_id: 't',
  version: number,
  status,
  payload: { targets: 'x' },
  ...more,
});
const GOOD = [
  version(1, 'queued'),
  version(2, 'running', { lease_fence: 1 }),
  version(3, 'running', { lease_fence: 2 }),
  version(4, 'completed', { lease_fence: 2 }),
];

/** What is left of a round in which all went well, but for what a test changes. */
function round(changes: { versions?: object[]; [name: string]: unknown } = {}) {
  const { versions = GOOD, ...more } = changes;
  return judge({
    histories: [{ task: versions.at(-1), versions }],
    effects: [],
    letters: [],
    results: new Map([['t', { hosts: 1, findings: 1 }]]),
    audit: { valid: true },
    left: [],
    timeline: createTimeline(),
    world: { clock: (real: number) => real, elapsed: (real: number) => real },
    ...more,
    said: { submitted: [{ id: 't' }], canceled: [], retried: [], harmed: new Set(), ...(more.said ?? {}) },
  });
}

const effect = (what: string, requestId: string) => ({ at: 0, what, description: '[nmcp:t]', requestId });

/** A timeline in which process 1 had the task, then process 2, and one of them makes a call at 10 s. */
function callBy(pid: number) {
  const timeline = createTimeline();
  for (const [at, by] of [
    [1000, 1],
    [5000, 2],
  ])
    timeline.hear({ log: { msg: 'task started', task_id: 't' }, at, pid: by });
  timeline.hear({ commit: 't', version: 2, at: 1000, pid: 1 });
  timeline.hear({ commit: 't', version: 3, at: 5000, pid: 2 });
  timeline.hear({ call: 'create', id: 'r', at: 10_000, pid });
  return timeline;
}

test('a round in which all went well breaks no rule', async () => {
  const { violations, totals } = await round({ timeline: callBy(2), effects: [effect('created', 'r')] });
  expect(violations).toEqual([]);
  expect(totals).toMatchObject({ accepted: 1, completed: 1, secondScans: 0 });
});

test.each([
  ['lost', { said: { submitted: [{ id: 'gone' }] } }],
  ['lost', { versions: [version(1, 'queued'), version(2, 'failed', { error_message: 'no' })] }],
  ['stuck', { said: { unanswered: 1 } }],
  ['stuck', { said: { hanging: 1 } }],
  ['stuck', { versions: [version(1, 'queued'), version(2, 'running')] }],
  [
    'illegal',
    {
      versions: [
        ...GOOD,
        version(5, 'running', { lease_fence: 2 }),
        version(6, 'completed', { lease_fence: 2 }),
      ],
    },
  ],
  ['illegal', { versions: [version(1, 'queued'), version(3, 'running'), version(4, 'completed')] }],
  ['illegal', { versions: [version(1, 'queued'), version(2, 'failed', { failure_reason: 'canceled' })] }],
  [
    'illegal',
    {
      versions: [
        version(1, 'queued'),
        version(2, 'running', { cancel: { by: 'x' } }),
        version(3, 'running', { cancel: { by: 'x' }, intent: { at: 'later' } }),
        version(4, 'completed', { cancel: { by: 'x' } }),
      ],
    },
  ],
  [
    'keys',
    {
      said: {
        submitted: [
          { id: 't', key: 'k' },
          { id: 'u', key: 'k' },
        ],
      },
    },
  ],
  ['keys', { said: { retried: [{ of: 't', ids: ['u', 'v'] }] } }],
  ['launches', { effects: [effect('launched', 'r'), effect('launched', 's')] }],
  ['letters', { letters: ['t'] }],
  ['leftovers', { left: [{ id: 5, status: 'empty', description: '[nmcp:t]' }] }],
  ['results', { results: new Map([['t', undefined]]) }],
  ['audit', { audit: { valid: false, line: 3, why: 'it was changed' } }],
  ['lease', { timeline: callBy(1), effects: [effect('created', 'r')] }],
  [
    'canceled',
    {
      timeline: callBy(2),
      effects: [effect('launched', 'r')],
      said: { canceled: [{ id: 't', outcome: 'requested', answeredAt: 9000 }] },
    },
  ],
])('%s is found', async (rule, changes) => {
  expect((await round(changes)).violations).toContainEqual({ rule, text: expect.any(String) });
});

test('what was on its way when the answer came is no call after it', async () => {
  const said = { canceled: [{ id: 't', outcome: 'requested', answeredAt: 9950 }] };
  const effects = [{ ...effect('launched', 'r'), at: 60_000 }];
  expect((await round({ timeline: callBy(2), effects, said })).violations).toEqual([]);
});

test('a takeover is measured from the loss of the holder to the next one', () => {
  const timeline = callBy(2);
  timeline.lose(1, 20_000); // it had lost the task before
  timeline.lose(2, 30_000);
  timeline.hear({ log: { msg: 'task resumed', task_id: 't' }, at: 36_000, pid: 3 });
  expect(timeline.takeovers).toEqual([{ task: 't', ms: 6000 }]);
});
