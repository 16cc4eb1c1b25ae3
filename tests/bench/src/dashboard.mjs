import { join } from 'node:path';
import { validateResults } from '@nmcp/results';
import { importReport } from '@nmcp/scans';
import { createTaskStore } from '@nmcp/tasks';
import { atMost, inTempFolder } from '@nmcp/test-support';
import { makeExport } from './make_export.mjs';
import { median } from './measure.mjs';
import { startApi } from './start_api.mjs';

const HOSTS = 5000;
const FINDINGS_PER_HOST = 200;
const LOOKS = 5;

/** The page of a very large scan: the first look of a server that has just started, and later ones. */
export function dashboard(say) {
  return inTempFolder(async (folder) => {
    const file = join(folder, 'large.nessus');
    const { findings, bytes } = makeExport(file, { hosts: HOSTS, findingsPerHost: FINDINGS_PER_HOST });
    say(`a scan with ${findings} findings, ${Math.round(bytes / 1e6)} MB`);
    const store = createTaskStore({ dataDir: folder });
    const results = { validate: validateResults };
    const { task_id } = await importReport({ file }, { tasks: store, results, clock: Date.now });
    const api = await startApi({ DATA_DIR: folder });
    try {
      const look = async (path) => {
        const begun = performance.now();
        const answer = await fetch(`${api.url}${path}`);
        const text = await answer.text();
        if (!/Findings|Open findings/.test(text)) throw new Error(`${answer.status}: ${text.slice(0, 300)}`);
        return { ms: performance.now() - begun, kb: Buffer.byteLength(text) / 1000 };
      };
      await fetch(`${api.url}/login`); // what the start of a process costs is not the page's
      const first = await look(`/scans/${task_id}`);
      const overview = await look('/');
      const warm = [];
      const filtered = [];
      for (let i = 0; i < LOOKS; i++) {
        warm.push((await look(`/scans/${task_id}?page=${i + 2}`)).ms);
        filtered.push((await look(`/scans/${task_id}?severity=%3E%3D3&host=10.0.${i}.`)).ms);
      }
      return [
        atMost(`first page of a scan with ${findings} findings`, 'ms', first.ms, 300),
        atMost('its size', 'kB', first.kb, 150),
        atMost('the overview', 'ms', overview.ms, 300),
        atMost('its size', 'kB', overview.kb, 150),
        atMost('a later page, median', 'ms', median(warm), 300),
        atMost('another filter, median', 'ms', median(filtered), 300),
      ];
    } finally {
      api.stop();
    }
  });
}
