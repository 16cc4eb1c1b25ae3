import { formatTable } from '@nmcp/runtime/cli';
import { shorten } from '@nmcp/schema';
import type { ScanStatusOutput, SubmitScanOutput } from '@nmcp/types';
import { Presets, SingleBar } from 'cli-progress';
import type { ScanOutcome } from './scan_outcome.ts';

/** Reports the progress of the demo, to a person or a program. */
export interface Reporter {
  started(url: string): void;
  submitted(answer: SubmitScanOutput, targets: string): void;
  progress(status: ScanStatusOutput): void;
  finished(outcome: ScanOutcome, timings: { startup_ms: number; total_ms: number }): void;
}

/** Characters of a line that an agent reads; the whole has a finding's texts. */
const LINE_LENGTH = 160;

const NEXT = `
Now try it yourself:
  npm run demo -- --keep            keeps this server, with its dashboard and its findings
  npm run nmcp -- serve --simulate  a server for your client; README.md says how to connect it
`;

const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'];

/** Prints for a person, or one JSON object at the end. */
export function createReporter({ json, keep }: { json: boolean; keep: boolean }): Reporter {
  return json ? jsonReporter() : textReporter(keep);
}

function jsonReporter(): Reporter {
  return {
    started() {},
    submitted() {},
    progress() {},
    finished({ status, scan_ms, page_ms }, timings) {
      const { task_id, results_summary } = status;
      console.log(
        JSON.stringify({
          task_id,
          status: status.status,
          results_summary,
          timings: { ...timings, scan_ms, page_ms },
        }),
      );
    },
  };
}

function textReporter(keep: boolean): Reporter {
  // without a terminal the bar is a line every second
  const bar = new SingleBar(
    {
      format: '  scanning  {bar}  {percentage} %  {state}',
      noTTYOutput: true,
      notTTYSchedule: 1000,
      stream: process.stdout,
    },
    Presets.shades_classic,
  );
  let isDrawn = false;
  return {
    started(url) {
      console.log(`The simulated scanner, API and worker run in this process; MCP at ${url}/mcp`);
    },
    submitted({ task_id }, targets) {
      console.log(`run_untrusted_scan of ${targets}: task ${task_id}`);
    },
    progress({ status, progress = 0 }) {
      if (!isDrawn) bar.start(100, 0, { state: status });
      isDrawn = true;
      bar.update(progress, { state: status });
    },
    finished({ status, worst, worstLines, scan_ms, page_ms }, { total_ms }) {
      bar.stop();
      const { results_summary: summary, error_message } = status;
      console.log(`\nStatus: ${status.status}${error_message ? `, ${error_message}` : ''}`);
      if (summary) {
        const counts = Object.entries(summary.severity_breakdown).map(([name, count]) => `${count} ${name}`);
        console.log(`${summary.hosts_scanned} hosts: ${counts.join(', ')}`);
      }
      console.log(
        `\nThe worst findings:\n${formatTable(['severity', 'cvss', 'host', 'finding'], worst.map(row))}`,
      );
      if (worstLines.length > 0)
        console.log(
          `\nWhat an agent reads of it, from get_scan_results:\n${worstLines.map((line) => `  ${shorten(line, LINE_LENGTH)}`).join('\n')}`,
        );
      console.log(
        `\nScan ${(scan_ms / 1000).toFixed(1)} s, page ${page_ms} ms, all ${(total_ms / 1000).toFixed(1)} s.`,
      );
      if (!keep) console.log(NEXT);
    },
  };
}

function row(finding: Record<string, unknown>): string[] {
  const severity = SEVERITIES[Number(finding.severity)] ?? String(finding.severity);
  return [severity, String(finding.cvss_score ?? ''), String(finding.host), String(finding.plugin_name)];
}
