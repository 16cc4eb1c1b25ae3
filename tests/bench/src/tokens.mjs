import { join } from 'node:path';
import { validateResults } from '@nmcp/results';
import { importReport } from '@nmcp/scans';
import { createTaskStore } from '@nmcp/tasks';
import { atMost } from '@nmcp/test-support';
import { getEncoding } from 'js-tiktoken';
import { makeExport } from './make_export.mjs';
import { withApi } from './start_api.mjs';

const FINDINGS = 100_000;
const PROFILES = ['minimal', 'summary', 'brief', 'full'];

/** What a model pays for the list of tools, for a large scan's summary, and for a page. */
export function tokens(say) {
  const encoding = getEncoding('o200k_base');
  const count = (text) => encoding.encode(text, [], []).length;
  return withApi({}, async ({ client, dataDir }) => {
    say(`a scan with ${FINDINGS} findings`);
    const file = join(dataDir, 'large.nessus');
    const made = makeExport(file, { hosts: FINDINGS / 200, findingsPerHost: 200 });
    say(`${made.findings} findings`);
    const store = createTaskStore({ dataDir });
    const results = { validate: validateResults };
    const { task_id } = await importReport({ file }, { tasks: store, results, clock: Date.now });
    const tools = await client.tools();
    const call = async (name, args) => (await client.call(name, { task_id, ...args })).text;
    const pages = [];
    for (const schema_profile of PROFILES) {
      const text = await call('get_scan_results', { schema_profile });
      const { approx_tokens } = JSON.parse(text.split('\n', 1)[0]);
      const real = count(text);
      say(`a page of 40 findings, ${schema_profile}: ${real} tokens, said to be ${approx_tokens}`);
      pages.push(
        atMost(
          `page of 40, ${schema_profile}: error of approx_tokens`,
          '%',
          100 * Math.abs(approx_tokens / real - 1),
          15,
        ),
      );
    }
    return [
      atMost(`tools/list with ${tools.length} tools`, 'tokens', count(JSON.stringify(tools)), 5800),
      atMost(
        'summary of a scan with 100,000 findings',
        'tokens',
        count(await call('get_scan_summary', {})),
        1500,
      ),
      ...pages,
    ];
  });
}
