// Requests that would keep the process, its memory or its threads busy.

import { execFileSync } from 'node:child_process';
import { createWriteStream, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assert, timed, toolRefused } from '../expect.mjs';
import { memoryOf } from '../process_state.mjs';

/** Milliseconds in which an attack has to be over: refused, or answered within its bounds. */
const BOUND_MS = 45_000;

/** While it goes on, others are answered. */
async function othersAreAnswered(w, action) {
  let slowest = 0;
  let isOver = false;
  const others = (async () => {
    while (!isOver) {
      const { ms } = await timed(async () => (await fetch(`${w.urls[0]}/livez`)).text());
      slowest = Math.max(slowest, ms);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const { ms, result } = await timed(action);
  isOver = true;
  await others;
  assert.ok(ms < BOUND_MS, `took ${Math.round(ms)} ms`);
  assert.ok(slowest < 1500, `others waited ${Math.round(slowest)} ms`);
  return result;
}

const results = (what, args) => ({
  name: `get_scan_results with ${what}`,
  run: async (w) => {
    const answer = await othersAreAnswered(w, () =>
      w.call('alice', 'get_scan_results', { task_id: w.large, ...args }),
    );
    assert.equal(answer.status, 200); // the tool says what was wrong
    assert.ok(answer.text.length < 20_000_000, `answered ${answer.text.length} characters`);
  },
});

const refusedImport = (what, fileOf, why) => ({
  name: `importing ${what}`,
  run: async (w) => {
    const file = await fileOf(w);
    const answer = await othersAreAnswered(w, () => w.call('alice', 'import_scan', { file }));
    toolRefused(answer, why);
  },
});

/** Writes a file into the import folder; its name. */
function fileOf(name, content) {
  return async (w) => {
    const path = join(w.importDir, name);
    if (typeof content === 'string') writeFileSync(path, content);
    else await pipeline(Readable.from(content()), createWriteStream(path));
    return name;
  };
}

const OPEN = '<NessusClientData_v2><Report name="r"><ReportHost name="10.20.0.1">';

export const attacks = [
  results('100,000 values in a list', {
    filters: { plugin_name: { in: Array.from({ length: 100_000 }, (_, i) => `no such plugin ${i}`) } },
  }),
  results('an expression that repeats repeats', { filters: { plugin_output: { regex: '(a+)+$' } } }),
  results('an expression of counted repeats', {
    filters: { plugin_output: { regex: '((a{1,500}){1,500}){1,500}z' } },
  }),
  results('an expression of many wildcards', { filters: { plugin_output: { regex: '(.*a){25}z' } } }),
  results('an expression of 60,000 characters', { filters: { description: { regex: 'a?'.repeat(30_000) } } }),
  results('an expression that looks back', { filters: { plugin_output: { regex: '(?<=(a+))\\1$' } } }),
  results('200 expressions over every output', {
    filters: {
      any: Array.from({ length: 199 }, (_, i) => ({ plugin_output: { regex: `a{30}[^a]*z${i}` } })),
    },
  }),
  {
    name: 'get_scan_results with a filter that is 50,000 deep',
    run: async (w) => {
      const filters = `${'{"all":['.repeat(50_000)}{"severity":"4"}${']}'.repeat(50_000)}`;
      const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_scan_results","arguments":{"task_id":"${w.large}","filters":${filters}}}}`;
      const answer = await othersAreAnswered(w, () => w.post('alice', body));
      assert.ok(answer.status < 500, `answered ${answer.status}`);
    },
  },
  results('a filter of 50,000 conditions', {
    filters: { any: Array.from({ length: 50_000 }, (_, i) => ({ port: String(i) })) },
  }),
  results('all findings at once, with all texts', { page: 0, schema_profile: 'full' }),
  results('a page of 1e9', { page: 1, page_size: 1e9 }),
  results('a page that is no number', { page: -1e308 }),
  results('1e12 tokens', { cursor: '', max_tokens: 1e12 }),
  results('10,000 keys to sort by', { sort: Array.from({ length: 10_000 }, () => '-severity') }),
  results('100,000 fields', { custom_fields: Array.from({ length: 100_000 }, (_, i) => `f${i}`) }),
  results('a cursor made up', { cursor: '999999999999999.AAAAAAAAAAAA' }),
  {
    name: 'six callers that each ask for everything at once',
    run: async (w) => {
      await othersAreAnswered(w, () =>
        Promise.all(
          Array.from({ length: 6 }, () =>
            w.call('alice', 'get_scan_results', { task_id: w.large, page: 0, schema_profile: 'full' }),
          ),
        ),
      );
      const memory = memoryOf(w.servers[0].child.pid, 'VmHWM');
      assert.ok(memory < 900, `took ${Math.round(memory)} MB`);
    },
  },
  {
    name: 'answers of megabytes that nobody reads',
    run: async (w) => {
      const left = new AbortController();
      const body = {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_scan_results', arguments: { task_id: w.large, page: 1, page_size: 10_000 } },
      };
      const id = await w.session('alice');
      const headers = { 'mcp-session-id': id };
      const answers = await othersAreAnswered(w, () =>
        Promise.allSettled(
          Array.from({ length: 24 }, () => w.post('alice', body, { headers, signal: left.signal })),
        ),
      );
      assert.equal(answers.length, 24);
      const memory = memoryOf(w.servers[0].child.pid, 'VmHWM');
      assert.ok(memory < 900, `took ${Math.round(memory)} MB`);
      left.abort();
    },
  },
  {
    name: 'groups and comparisons with absurd counts',
    run: async (w) => {
      await othersAreAnswered(w, async () => {
        await w.call('alice', 'get_scan_summary', { task_id: w.large, group_by: 'host', top: 1e9 });
        await w.call('alice', 'get_scan_summary', { task_id: w.large, group_by: '__proto__' });
        const same = { earlier_task_id: w.large, later_task_id: w.large, top: 1e9 };
        await w.call('alice', 'compare_scans', same);
      });
    },
  },
  ...[
    ['the whole of IPv4', '0.0.0.0/0'],
    ['the whole of IPv6', '::/0'],
    ['a network larger than a scan may be', '10.0.0.0/8'],
    ['a range turned round', '10.0.0.200-10.0.0.1'],
    ['10,000 networks', Array.from({ length: 8000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`).join(',')],
    ['a target list of a megabyte', '10.0.0.1,'.repeat(120_000)],
    ['one name of 60,000 characters', 'a'.repeat(60_000)],
    ['5,000 names', Array.from({ length: 5000 }, (_, i) => `n${i}.invalid`).join(',')],
  ].map(([what, targets]) => ({
    name: `scanning ${what}`,
    run: async (w) => {
      const answer = await othersAreAnswered(w, () =>
        w.call('bob', 'run_untrusted_scan', { targets, name: 'n' }),
      );
      toolRefused(answer);
    },
  })),
  {
    name: 'looking for tasks by a list of targets as long as may be',
    run: async (w) => {
      const targets = Array.from({ length: 4000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`).join(',');
      await othersAreAnswered(w, () => w.call('alice', 'list_tasks', { targets }));
    },
  },
  {
    name: 'waiting for a year',
    run: async (w) => {
      const { json } = await w.call('bob', 'run_untrusted_scan', { targets: '10.0.1.1', name: 'wait' });
      const left = new AbortController();
      const asked = w
        .call('bob', 'wait_for_scan', { task_id: json.task_id, timeout_seconds: 31_536_000 }, left)
        .catch(() => ({ isError: true }));
      const first = await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 1500, 'waits'))]);
      assert.ok(first === 'waits' || first.isError || first.json.task_id === json.task_id);
      left.abort();
      await w.call('bob', 'cancel_scan', { task_id: json.task_id });
    },
  },
  refusedImport(
    'an attribute of 200 MB',
    fileOf('attribute.nessus', function* () {
      yield `${OPEN}<ReportItem port="`;
      for (let i = 0; i < 200; i++) yield 'a'.repeat(1_000_000);
      yield '"/></ReportHost></Report></NessusClientData_v2>';
    }),
    /damaged|too long|longer/i,
  ),
  refusedImport(
    'a text of 200 MB',
    fileOf('text.nessus', function* () {
      yield `${OPEN}<ReportItem port="1"><plugin_output>`;
      for (let i = 0; i < 200; i++) yield 'a'.repeat(1_000_000);
      yield '</plugin_output></ReportItem></ReportHost></Report></NessusClientData_v2>';
    }),
    /damaged|too long|longer/i,
  ),
  refusedImport(
    'entities that multiply',
    fileOf(
      'laughs.nessus',
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, i) => `<!ENTITY ${String.fromCharCode(98 + i)} "${`&${String.fromCharCode(97 + i)};`.repeat(10)}">`).join('')}]>${OPEN}<ReportItem port="&u;"/></ReportHost></Report></NessusClientData_v2>`,
    ),
  ),
  refusedImport(
    'an entity that reads a file',
    fileOf(
      'entity.nessus',
      `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${OPEN}<ReportItem port="1"><plugin_output>&a;</plugin_output></ReportItem></ReportHost></Report></NessusClientData_v2>`,
    ),
  ),
  refusedImport('100,000 elements in each other', fileOf('deep.nessus', `${OPEN}${'<a>'.repeat(100_000)}`)),
  refusedImport(
    '200,000 attributes',
    fileOf(
      'attributes.nessus',
      `${OPEN}<ReportItem ${Array.from({ length: 200_000 }, (_, i) => `a${i}="b"`).join(' ')}>`,
    ),
  ),
  refusedImport('a file that is cut short', fileOf('cut.nessus', `${OPEN}<ReportItem port="1" sever`)),
  refusedImport('a file that is no XML', fileOf('random.nessus', '\u0000\u0001\u0002 not xml')),
  refusedImport('an empty file', fileOf('empty.nessus', '')),
  refusedImport('a device through a link', async (w) => {
    symlinkSync('/dev/zero', join(w.importDir, 'zero.nessus'));
    return 'zero.nessus';
  }),
  refusedImport('a pipe that nobody writes to', async (w) => {
    execFileSync('mkfifo', [join(w.importDir, 'pipe.nessus')]);
    return 'pipe.nessus';
  }),
];
