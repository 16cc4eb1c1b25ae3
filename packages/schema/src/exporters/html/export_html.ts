import { complianceOf } from '../../compliance.ts';
import { untouched } from '../../found_events.ts';
import type { Exporter } from '../exporter.ts';
import { type FindingGroup, FindingGroups } from '../groups.ts';
import { Tally } from '../tally.ts';
import { complianceHtml } from './compliance_html.ts';
import { escapeHtml } from './escape_html.ts';
import { groupHtml, type Room } from './group_html.ts';
import { STYLE } from './style.ts';
import { summaryHtml } from './summary_html.ts';

/** Characters of outputs in one report: more no browser shows well. */
const OUTPUT_ROOM = 40_000_000;
/** Rows of a table. */
const ROWS = 1000;

/**
 * A report in one HTML file, worst first: severities, what to fix first, hosts with their facts, then each plugin once with what it
 * says, its links, and where it was found; and the compliance checks. No script, nothing from elsewhere, and all text of the scan
 * escaped. It prints with everything unfolded. The plugins' texts and the outputs are kept until the end; past 40 million
 * characters of outputs only the places are told.
 */
export const exportHtml: Exporter<string> = async function* (events, { maxRows = ROWS } = {}) {
  const [tally, groups, checks] = [new Tally(), new FindingGroups(), new FindingGroups()];
  for await (const batch of untouched(events)) {
    for (const event of batch) {
      tally.add(event);
      if (event.type === 'finding') (complianceOf(event.finding) ? checks : groups).add(event);
    }
  }
  yield head(tally.scanName);
  yield summaryHtml(tally, maxRows);
  const room: Room = { characters: OUTPUT_ROOM, rows: maxRows };
  yield* section('Findings', groups.worstFirst(), (group) => groupHtml(group, room));
  yield* complianceHtml(checks.worstFirst(), room);
  yield '</main></body></html>\n';
};

function head(title: string): string {
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n<title>${escapeHtml(title)}</title>\n<style>${STYLE}</style></head>\n<body><main>\n`;
}

function* section(
  title: string,
  groups: readonly FindingGroup[],
  htmlOf: (group: FindingGroup) => string,
): Generator<string> {
  if (groups.length === 0) return;
  yield `<h2>${title}</h2>\n`;
  for (const group of groups) yield htmlOf(group);
}
