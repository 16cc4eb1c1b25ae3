import { setTimeout as delay } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { isFinal, NmcpError, type ScanStatusOutput, type SubmitScanOutput } from '@nmcp/types';
import type { Reporter } from './reporter.ts';
import type { ScanOutcome } from './scan_outcome.ts';

const LOOK_EVERY_MS = 150;
const LIMIT_MS = 120_000;
const WORST = 5;
/** Of which so many are shown as they came. */
const LINES = 3;
const WORST_FIRST = ['-severity', '-cvss_score'];

/** Submits a scan, follows it and reads its findings, as an MCP client over HTTP. */
export async function scanAsClient(url: string, targets: string, report: Reporter): Promise<ScanOutcome> {
  const client = new Client(
    { name: 'nmcp-demo', version: '0.1.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  const call = async (name: string, args: object): Promise<string> => {
    const result = await client.callTool({ name, arguments: { ...args } });
    const [content] = result.content;
    const text = content?.type === 'text' ? content.text : '';
    if (result.isError) throw new NmcpError('internal', `${name} answered: ${text}`);
    return text;
  };
  try {
    const submittedAt = performance.now();
    const submitted: SubmitScanOutput = JSON.parse(
      await call('run_untrusted_scan', { targets, name: 'Demo' }),
    );
    report.submitted(submitted, targets);
    const status = await follow(() => call('get_scan_status', { task_id: submitted.task_id }), report);
    const scan_ms = Math.round(performance.now() - submittedAt);
    if (status.status !== 'completed') return { status, worst: [], worstLines: [], scan_ms, page_ms: 0 };
    const results = { task_id: submitted.task_id };
    const readAt = performance.now();
    const page = await call('get_scan_results', { ...results, sort: WORST_FIRST, page_size: 10 });
    const page_ms = Math.round(performance.now() - readAt);
    const lines = page.split('\n').filter((line) => line.startsWith('{"type":"vulnerability"'));
    const worst = lines.slice(0, WORST).map((line): Record<string, unknown> => JSON.parse(line));
    return { status, worst, worstLines: lines.slice(0, LINES), scan_ms, page_ms };
  } finally {
    await client.close();
  }
}

async function follow(look: () => Promise<string>, report: Reporter): Promise<ScanStatusOutput> {
  const end = performance.now() + LIMIT_MS;
  while (true) {
    const status: ScanStatusOutput = JSON.parse(await look());
    report.progress(status);
    if (isFinal(status.status)) return status;
    if (performance.now() > end)
      throw new NmcpError('internal', `The scan is still ${status.status} after ${LIMIT_MS / 1000} seconds`);
    await delay(LOOK_EVERY_MS);
  }
}
