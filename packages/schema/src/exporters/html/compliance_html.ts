import { complianceOf } from '../../compliance.ts';
import { linksOf } from '../exporter.ts';
import type { FindingGroup } from '../groups.ts';
import { escapeHtml } from './escape_html.ts';
import { linksHtml, part, type Room } from './group_html.ts';

/** Results in the order in which they are worth reading, with the class of their mark. */
const RESULTS = { FAILED: 'r1', ERROR: 'r3', WARNING: 'r2', PASSED: 'r0' } as const;

/** The checks of audits: how many passed, and each with its references and the hosts' values. */
export function* complianceHtml(groups: readonly FindingGroup[], room: Room): Generator<string> {
  if (groups.length === 0) return;
  const counts = Object.keys(RESULTS).map((result) => {
    const count = groups.flatMap(({ places }) => places).filter((place) => place.result === result).length;
    return `${count} ${result.toLowerCase()}`;
  });
  yield `<h2>Compliance</h2>\n<p>${counts.join(', ')}</p>\n`;
  const ranked = groups.map((group) => ({ group, result: worstOf(group) }));
  const order = Object.keys(RESULTS);
  ranked.sort((a, b) => order.indexOf(a.result) - order.indexOf(b.result));
  for (const { group, result } of ranked) yield checkHtml(group, result, room);
}

function worstOf({ places }: FindingGroup): keyof typeof RESULTS {
  const results = Object.keys(RESULTS) as (keyof typeof RESULTS)[]; // its keys
  return results.find((result) => places.some((place) => place.result === result)) ?? 'ERROR';
}

function checkHtml({ first, title, places }: FindingGroup, result: keyof typeof RESULTS, room: Room): string {
  const check = complianceOf(first);
  const references = (check?.references ?? []).map(({ standard, id }) => `${standard} ${id}`.trim());
  const rows = places.slice(0, room.rows).map((place) => {
    room.characters -= place.output.length;
    const output = room.characters > 0 ? escapeHtml(place.output) : 'Left out: the report is full.';
    return `<tr><td class="k">${escapeHtml(place.host)}</td><td class="k">${place.result ?? ''}</td><td><pre>${output}</pre></td></tr>\n`;
  });
  return `<details><summary><span class="b ${RESULTS[result]}">${result}</span> ${escapeHtml(title)}</summary>
${part('References', references.join(', '))}${part('Audit', check?.benchmark ?? '')}${part('Info', check?.info ?? '')}${part('Solution', check?.solution ?? '')}${linksHtml(linksOf(first))}<div class="wide"><table><thead><tr><th>Host</th><th>Result</th><th>Values</th></tr></thead><tbody>
${rows.join('')}</tbody></table></div></details>
`;
}
