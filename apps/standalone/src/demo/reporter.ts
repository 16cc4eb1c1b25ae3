import { formatTable } from '@nmcp/runtime/cli';
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

const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'];

/** Prints for a person, or one JSON object at the end. */
export function createReporter({ json }: { json: boolean }): Reporter {
  return json ? jsonReporter() : textReporter();
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

function textReporter(): Reporter {
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
    finished({ status, worst, firstPage, scan_ms, page_ms }, { total_ms }) {
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
      console.log(`\nFirst page of get_scan_results:\n${firstPage}`);
      console.log(
        `\nScan ${(scan_ms / 1000).toFixed(1)} s, page ${page_ms} ms, all ${(total_ms / 1000).toFixed(1)} s.`,
      );
    },
  };
}

function row(finding: Record<string, unknown>): string[] {
  const severity = SEVERITIES[Number(finding.severity)] ?? String(finding.severity);
  return [severity, String(finding.cvss_score ?? ''), String(finding.host), String(finding.plugin_name)];
}
