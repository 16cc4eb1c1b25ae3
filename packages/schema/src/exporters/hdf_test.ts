import { expect, test } from 'vitest';
import { EVERYTHING, exported } from './exporters_test_documents.ts';

test('has a control for each plugin and check, with a result for each host and port', async () => {
  const { profiles } = JSON.parse(await exported('hdf', EVERYTHING));
  const [{ controls }] = profiles;
  const statuses = controls.map(
    ({ id, impact, results }: { id: string; impact: number; results: { status: string }[] }) =>
      [id, impact, ...results.map(({ status }) => status)].join(' '),
  );
  expect(statuses).toEqual([
    '1 0.9 failed failed',
    '21157/11 0.7 failed',
    '3 0.5 failed failed',
    '21157/13 0.7 skipped',
    '21157/14 0.7 error',
    '2 0 failed',
    '21157/12 0.7 passed',
  ]);
  expect(controls[1]).toMatchObject({
    title: '1.1 Root login off',
    tags: { nist: ['AC-11'], cci: ['CCI-0011'], gid: 'V-11', rid: 'SV-11_rule', stig_id: 'OS-11' },
    results: [{ code_desc: 'web-01:0/tcp', start_time: '2023-11-14T22:23:20.000Z' }],
  });
});
