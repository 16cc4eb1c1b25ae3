import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const HERE = new URL('.', import.meta.url);

/** Runs a program that reports these rows. */
function report(rows: string, json: boolean) {
  const program = `import { atLeast, atMost, beside, ratioAtLeast, ratioAtMost, reportRows } from '@nmcp/test-support';
    reportRows('name', [${rows}], { json: ${json} });`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: HERE, encoding: 'utf8' });
}

test('a command whose bars hold ends with 0, and with --json prints one object last', () => {
  const rows = [
    "atMost('a', 'ms', 5, 5)",
    "atLeast('b', 'MB/s', 5, 5)",
    "ratioAtLeast('c', 'calls/s', 20, 'theirs', 10, 2)",
    "ratioAtMost('d', 'MB', 11, 'before', 10, 1.1)",
    "beside(atMost('e', 'ms', 5, 9), 'node', 1)",
  ].join();
  const { status, stdout, stderr } = report(rows, true);
  expect(status).toBe(0);
  expect(stderr).toContain('holds   c: 20 calls/s; theirs 10 calls/s, ratio 2; bar >= 2x');
  const alone = { peer: null, peer_value: null, ratio: null, holds: true };
  expect(JSON.parse(stdout)).toEqual({
    name: 'name',
    rows: [
      { what: 'a', value: 5, unit: 'ms', bar: '<= 5 ms', ...alone },
      { what: 'b', value: 5, unit: 'MB/s', bar: '>= 5 MB/s', ...alone },
      {
        what: 'c',
        value: 20,
        unit: 'calls/s',
        peer: 'theirs',
        peer_value: 10,
        ratio: 2,
        bar: '>= 2x',
        holds: true,
      },
      {
        what: 'd',
        value: 11,
        unit: 'MB',
        peer: 'before',
        peer_value: 10,
        ratio: 1.1,
        bar: '<= 1.1x',
        holds: true,
      },
      { what: 'e', value: 5, unit: 'ms', peer: 'node', peer_value: 1, ratio: 5, bar: '<= 9 ms', holds: true },
    ],
  });
});

test.each([
  ["atMost('a', 'ms', 5.1, 5)"],
  ["atLeast('b', 'MB/s', 4.9, 5)"],
  ["ratioAtLeast('c', 'calls/s', 19, 'theirs', 10, 2)"],
  ["ratioAtMost('d', 'MB', 12, 'before', 10, 1.1)"],
])('a bar that does not hold ends it with 1: %s', (row) => {
  const { status, stdout, stderr } = report(`atMost('good', 'ms', 1, 5), ${row}`, false);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/ {2}MISSED {2}\w: /);
});
