// What every client does with the server: the steps of the table.
import { strict as assert } from 'node:assert';

const MISSING = 'ne_scan_20250101_000000_aaaaaaaa';

/** Every optional argument as null, as clients send it that send every field. */
function withNulls(tools, name, args) {
  const known = tools.find((tool) => tool.name === name)?.inputSchema?.properties ?? PROPERTIES[name] ?? {};
  return { ...Object.fromEntries(Object.keys(known).map((field) => [field, null])), ...args };
}

/** For clients that show schemas in a form of their own. */
const PROPERTIES = {
  run_untrusted_scan: {
    description: 0,
    schema_profile: 0,
    idempotency_key: 0,
    scanner_pool: 0,
    scanner_instance: 0,
  },
  get_scan_results: {
    page: 0,
    page_size: 0,
    cursor: 0,
    max_tokens: 0,
    schema_profile: 0,
    custom_fields: 0,
    filters: 0,
    sort: 0,
  },
  get_scan_summary: { group_by: 0, filters: 0, top: 0 },
  wait_for_scan: { until: 0, timeout_seconds: 0 },
  list_tasks: { limit: 0, status_filter: 0, scanner_pool: 0, target_filter: 0 },
};

/** Runs the steps, one after the other; the names of those that worked, and what was wrong with the first that did not. */
export async function playSteps(connect, isStrict) {
  const done = [];
  let client;
  let tools = [];
  let task_id;
  const call = async (name, args) => {
    const answer = await client.call(name, withNulls(tools, name, args));
    assert.equal(answer.isError, false, `${name}: ${answer.text.slice(0, 300)}`);
    return answer.text;
  };
  const steps = {
    async lists() {
      client = await connect();
      tools = await client.tools();
      assert.ok(tools.length >= 15, `${tools.length} tools`);
      if (isStrict)
        assert.deepEqual(
          tools.filter(({ strict }) => !strict).map(({ name }) => name),
          [],
          'not strict',
        );
    },
    async submits() {
      const text = await call('run_untrusted_scan', { targets: '192.0.2.0/29', name: 'clients' });
      task_id = /ne_scan_\w+/.exec(text)?.[0];
      assert.ok(task_id, text);
    },
    async waits() {
      for (let turn = 0; turn < 10; turn++) {
        const text = await call('wait_for_scan', { task_id, until: 'end', timeout_seconds: 20 });
        if (text.includes('completed')) return;
      }
      assert.fail('it did not end');
    },
    async reads() {
      assert.match(await call('get_scan_summary', { task_id }), /severity_breakdown/);
      const filters = isStrict ? '{"severity": ">=1"}' : { severity: '>=1' };
      assert.match(await call('get_scan_results', { task_id, filters, page_size: 10 }), /vulnerability/);
    },
    async 'gets an error'() {
      const answer = await client.call('get_scan_status', { task_id: MISSING });
      assert.equal(answer.isError, true, answer.text);
      assert.match(answer.text, /not found/);
    },
    async 'sends null'() {
      assert.match(await call('list_tasks', { limit: 3 }), new RegExp(task_id));
    },
  };
  try {
    for (const [name, step] of Object.entries(steps)) {
      await step();
      done.push(name);
    }
    return { done };
  } catch (error) {
    return { done, problem: error.message };
  } finally {
    await client?.close().catch(() => {});
  }
}

/** Names of the steps, in their order. */
export const STEPS = ['lists', 'submits', 'waits', 'reads', 'gets an error', 'sends null'];
