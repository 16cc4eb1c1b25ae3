import { textOf } from '../../finding.ts';
import { SEVERITY_WORDS } from '../../severity.ts';
import { isKnownExploited } from '../../worst_first.ts';
import { writtenText } from '../../written_text.ts';
import { linksOf, solutionOf } from '../exporter.ts';
import type { FindingGroup, Place } from '../groups.ts';
import { escapeHtml } from './escape_html.ts';

/** What a report still has room for. */
export interface Room {
  /** Characters of outputs. */
  characters: number;
  /** Rows of a table. */
  rows: number;
}

/** A plugin with what it says and where it was found. */
export function groupHtml(group: FindingGroup, room: Room): string {
  const { first, severity, title, hosts } = group;
  const facts = [
    `plugin ${group.key}`,
    textOf(first.plugin_family),
    writtenText(first, 'cvss_score') === '' ? '' : `CVSS ${scoreOf(group)}`,
    writtenText(first, 'vpr_score') === '' ? '' : `VPR ${writtenText(first, 'vpr_score')}`,
    writtenText(first, 'epss_score') === '' ? '' : `EPSS ${writtenText(first, 'epss_score')}`,
    isKnownExploited(first) ? 'known to be exploited (CISA)' : '',
    first.exploit_available === true ? 'an exploit is available' : '',
    ...group.cves,
  ].filter((fact) => fact !== '');
  const count = `${hosts.size} ${hosts.size === 1 ? 'host' : 'hosts'}`;
  return `<details><summary><span class="b s${severity}">${SEVERITY_WORDS[severity]}</span> ${escapeHtml(title)} <small>${count}</small></summary>
<p>${facts.map(escapeHtml).join(' · ')}</p>
${part('Synopsis', textOf(first.synopsis))}${part('Description', textOf(first.description))}${part('Solution', solutionOf(first))}${linksHtml(linksOf(first))}${placesHtml(group.places, room)}</details>
`;
}

/** A base score as the document has it; `cvss_score` is that of the newest version that there is. */
function scoreOf({ first }: FindingGroup): string {
  const field = ['cvss4_base_score', 'cvss3_base_score', 'cvss_base_score'].find(
    (name) => writtenText(first, name) !== '',
  );
  return writtenText(first, field ?? 'cvss_score');
}

/** A titled text; empty for an empty one. */
export function part(title: string, text: string): string {
  return text.trim() === '' ? '' : `<p><b>${title}</b> ${escapeHtml(text)}</p>\n`;
}

/** A list of addresses; they are http or https. */
export function linksHtml(links: readonly string[]): string {
  if (links.length === 0) return '';
  const items = links.map(
    (link) => `<li><a rel="noreferrer noopener" href="${escapeHtml(link)}">${escapeHtml(link)}</a></li>`,
  );
  return `<p><b>See also</b></p><ul>${items.join('')}</ul>\n`;
}

function placesHtml(places: readonly Place[], room: Room): string {
  const shown = places.slice(0, room.rows).map((place) => {
    const where = `${place.host}:${place.port}/${place.protocol}`;
    if (place.output === '') return `<p class="k">${escapeHtml(where)}</p>\n`;
    room.characters -= place.output.length;
    const output =
      room.characters > 0
        ? `<pre>${escapeHtml(place.output)}</pre>`
        : '<p>Left out: the report is full. Other formats have it.</p>';
    return `<details><summary class="k">${escapeHtml(where)}</summary>${output}</details>\n`;
  });
  const more = places.length - shown.length;
  return shown.join('') + (more > 0 ? `<p>and on ${more} more ports; other formats have them all</p>\n` : '');
}
