import type { Finding, Host } from '../finding.ts';
import { cleanText, type Exporter, listOf, SEVERITY_WORDS, severityOf, textOf, titleOf } from './exporter.ts';
import { type Counts, Tally } from './tally.ts';

const STYLE = `:root{color-scheme:light dark;--s4:#b3123c;--s3:#d9480f;--s2:#b58105;--s1:#2b8a3e;--s0:#4a6785}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;display:flex;flex-direction:column}
#summary{order:-1}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
td.n,th.n{text-align:right}summary{cursor:pointer}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8882;padding:.5rem}
.b{display:inline-block;min-width:5em;padding:0 .4em;border-radius:.3em;color:#fff;text-align:center}
.s4{background:var(--s4)}.s3{background:var(--s3)}.s2{background:var(--s2)}.s1{background:var(--s1)}.s0{background:var(--s0)}`;

/**
 * A report in one HTML file: severity chart, a table of hosts, every finding. No script, nothing from elsewhere, and all
 * text of the scan escaped. It is written as it is read: the summary comes last in the file and is shown first.
 */
export const exportHtml: Exporter = async function* (events) {
  const tally = new Tally();
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n<title>Scan report</title><style>${STYLE}</style></head>\n<body><main><h2>Findings</h2>\n`;
  let isOpen = false;
  for await (const batch of events) {
    let text = '';
    for (const event of batch) {
      tally.add(event);
      if (event.type === 'host') {
        text += `${isOpen ? '</section>\n' : ''}${hostHead(event.host)}`;
        isOpen = true;
      } else if (event.type === 'finding') text += findingHtml(event.finding);
    }
    if (text !== '') yield text;
  }
  yield `${isOpen ? '</section>\n' : ''}</main>\n${summaryHtml(tally)}</body></html>\n`;
};

function hostHead({ name, properties }: Host): string {
  const os = properties['operating-system'];
  return `<section id="host-${escapeHtml(encodeURIComponent(name))}"><h3>${escapeHtml(name)}${os ? ` <small>${escapeHtml(os)}</small>` : ''}</h3>\n`;
}

function findingHtml(finding: Finding): string {
  const severity = severityOf(finding);
  const facts = [
    `plugin ${finding.plugin_id ?? ''}`,
    `port ${finding.port ?? ''}/${finding.protocol ?? ''}`,
    ...listOf(finding.cve),
    ...(finding.cvss_score === undefined ? [] : [`CVSS ${textOf(finding.cvss_score)}`]),
  ];
  const part = (title: string, text: string): string =>
    text === '' ? '' : `<p><b>${title}</b> ${escapeHtml(text)}</p>\n`;
  const output = textOf(finding.plugin_output);
  return `<details><summary><span class="b s${severity}">${SEVERITY_WORDS[severity]}</span> ${escapeHtml(titleOf(finding))}</summary>
<p>${facts.map(escapeHtml).join(' · ')}</p>
${part('Synopsis', textOf(finding.synopsis))}${part('Description', textOf(finding.description))}${part('Solution', textOf(finding.solution))}${output === '' ? '' : `<pre>${escapeHtml(output)}</pre>\n`}</details>
`;
}

function summaryHtml(tally: Tally): string {
  const rows = tally.worstHosts().map(
    ([host, counts]) =>
      `<tr><td><a href="#host-${escapeHtml(encodeURIComponent(host))}">${escapeHtml(host)}</a></td>${counts
        .toReversed()
        .map((count) => `<td class="n">${count}</td>`)
        .join('')}</tr>\n`,
  );
  return `<header id="summary"><h1>${escapeHtml(tally.scanName)}</h1>\n<p>${tally.hosts.size} hosts${tally.policyName ? `, policy ${escapeHtml(tally.policyName)}` : ''}</p>\n${chart(tally.total)}
<h2>Hosts</h2>\n<table><thead><tr><th>Host</th><th class="n">Critical</th><th class="n">High</th><th class="n">Medium</th><th class="n">Low</th><th class="n">Info</th></tr></thead><tbody>\n${rows.join('')}</tbody></table></header>\n`;
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
  return `<svg role="img" aria-label="Findings by severity: ${words}" viewBox="0 0 640 132" width="640" font-size="13" style="max-width:100%">${bars.join('')}</svg>`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return cleanText(text).replaceAll(/[&<>"']/g, (char) => SPECIAL[char] ?? char);
}
