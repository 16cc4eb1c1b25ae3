// One download into a file, in a process of its own. Usage: node --expose-gc download_once.mjs client|fetch URL
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createNessusClient } from '@nmcp/nessus-client';

const [how, url] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-download-'));
const own = createNessusClient({ url, auth: { accessKey: 'a', secretKey: 's' } });
const ways = {
  client: () => own.download('/x'),
  fetch: async () => (await fetch(`${url}/x`)).body,
};
globalThis.gc();
const idle = process.memoryUsage.rss();
let peak = idle;
const look = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);
const begun = performance.now();
await pipeline(Readable.fromWeb(await ways[how]()), createWriteStream(join(folder, 'file')));
const seconds = (performance.now() - begun) / 1000;
clearInterval(look);
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ mb_per_second: 1000 / seconds, above_idle_mb: (peak - idle) / 1e6 }));
