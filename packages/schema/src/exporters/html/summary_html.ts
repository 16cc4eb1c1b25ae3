import { SEVERITY_WORDS } from '../../severity.ts';
import { shorten } from '../../shorten.ts';
import type { Counts, Tally } from '../tally.ts';
import { escapeHtml } from './escape_html.ts';

/** Steps that are worth naming on top. */
const FIXES = 10;
const STEP_LENGTH = 200;

/** What the report begins with: numbers, what to fix first, hosts. */
export function summaryHtml(tally: Tally, maxRows: number): string {
  const facts = [
    `${tally.hosts} ${tally.hosts === 1 ? 'host' : 'hosts'}`,
    tally.policyName === '' ? '' : `policy ${tally.policyName}`,
    tally.start === '' ? '' : `scanned ${timeOf(tally.start)} to ${timeOf(tally.end)}`,
  ].filter((fact) => fact !== '');
  return `<header><h1>${escapeHtml(tally.scanName)}</h1>\n<p>${facts.map(escapeHtml).join(', ')}</p>\n${chart(tally.total)}</header>
${fixesHtml(tally)}${hostsHtml(tally, maxRows)}`;
}

function fixesHtml(tally: Tally): string {
  const fixes = tally.fixes().slice(0, FIXES);
  if (fixes.length === 0) return '';
  const rows = fixes.map(
    ({ severity, step, findings, hosts }) =>
      `<tr><td><span class="b s${severity}">${SEVERITY_WORDS[severity]}</span></td><td>${escapeHtml(shorten(step, STEP_LENGTH))}</td><td class="n">${findings}</td><td class="n">${hosts.size}</td></tr>\n`,
  );
  return `<h2>What to fix first</h2>\n<div class="wide"><table><thead><tr><th>Severity</th><th>What to do</th><th class="n">Findings</th><th class="n">Hosts</th></tr></thead><tbody>\n${rows.join('')}</tbody></table></div>\n`;
}

function hostsHtml(tally: Tally, maxRows: number): string {
  const hosts = tally.worstHosts();
  if (hosts.length === 0) return '<p>No host answered: the report has no findings.</p>\n';
  const heads = ['Critical', 'High', 'Medium', 'Low', 'Info'].map((head) => `<th class="n">${head}</th>`);
  const rows = hosts.slice(0, maxRows).map(({ name, facts, counts }) => {
    const cells = [
      `<td class="k">${escapeHtml(name)}</td>`,
      `<td class="k">${escapeHtml(facts.host_ip ?? '')}</td>`,
      ...[
        [facts.host_fqdn, facts.netbios].filter(Boolean).join(', '),
        facts.os,
        facts.mac,
        facts.credentialed,
      ].map((text) => `<td>${escapeHtml(text ?? '')}</td>`),
      ...counts.toReversed().map((count) => `<td class="n">${count}</td>`),
    ];
    return `<tr>${cells.join('')}</tr>\n`;
  });
  const more = hosts.length - rows.length;
  return `<h2>Hosts</h2>\n<div class="wide"><table><thead><tr><th>Host</th><th>Address</th><th>Names</th><th>OS</th><th>MAC</th><th>Login</th>${heads.join('')}</tr></thead><tbody>\n${rows.join('')}</tbody></table></div>\n${more > 0 ? `<p>and ${more} more; other formats have them all</p>\n` : ''}`;
}

function timeOf(iso: string): string {
  return iso === '' ? '?' : `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Bars of severities as inline SVG, with their numbers as text. */
function chart(total: Counts): string {
  const most = Math.max(1, ...total);
  const bars = [4, 3, 2, 1, 0].map((severity, line) => {
    const count = total[severity] ?? 0;
    const width = Math.round((480 * count) / most);
    return `<text x="0" y="${line * 26 + 16}" fill="currentColor">${SEVERITY_WORDS[severity]}</text><rect x="80" y="${line * 26 + 3}" width="${Math.max(width, count > 0 ? 2 : 0)}" height="18" rx="3" fill="var(--s${severity})"/><text x="${88 + width}" y="${line * 26 + 16}" fill="currentColor">${count}</text>`;
  });
  const words = [4, 3, 2, 1, 0]
    .map((severity) => `${total[severity]} ${SEVERITY_WORDS[severity]?.toLowerCase()}`)
    .join(', ');
  return `<svg role="img" aria-label="Findings by severity: ${words}" viewBox="0 0 640 132" width="640" font-size="13" style="max-width:100%">${bars.join('')}</svg>\n`;
}
