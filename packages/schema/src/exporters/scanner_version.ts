import { textOf } from '../finding.ts';
import type { FoundFinding } from '../found_finding.ts';

/** Plugin 19506 tells of the scan itself. */
const SCAN_INFORMATION = '19506';

/** The version of Nessus that wrote a report, as plugin 19506 says it: `Nessus version : 10.8.3`. */
export function scannerVersionIn({ like, output }: FoundFinding): string | undefined {
  if (like.plugin_id !== SCAN_INFORMATION) return undefined;
  return /^[ \t]*nessus version[ \t]*:[ \t]*(\d[\w.]*)/im.exec(textOf(output))?.[1];
}
