/** Address of the view that clients with MCP Apps show for a summary and a comparison. */
export const VIEW_URI = 'ui://nessus/scan.html';
/** Type of a view. Source: the MCP Apps extension, 2026-01-26. */
export const VIEW_TYPE = 'text/html;profile=mcp-app';

const STYLE = `:root{color-scheme:light dark;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--critical:#8b0a3d;--high:#c6311f;--medium:#b35900;--low:#0969da;--info:#6e7781}
.dark{--fg:#e6edf3;--dim:#9da7b1;--line:#30363d;--critical:#ff7eb6;--high:#ff8a7a;--medium:#f0a35e;--low:#79b8ff;--info:#9da7b1}
body{margin:0;padding:12px;color:var(--fg);background:transparent;font:14px/1.45 system-ui,sans-serif}
h1{font-size:1.1rem;margin:0 0 8px;overflow-wrap:anywhere}h2{font-size:.95rem;margin:14px 0 4px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,260px),1fr));gap:0 24px}
.donut{display:flex;gap:14px;align-items:center;flex-wrap:wrap}.donut svg{width:120px;height:120px}
ul{list-style:none;margin:0;padding:0}.dot{display:inline-block;width:10px;height:10px;border-radius:50%}
table{border-collapse:collapse;width:100%}td{padding:3px 8px 3px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere;vertical-align:top}
td svg{width:100%;min-width:70px;height:10px;display:block}
.dim{color:var(--dim)}
.critical{--c:var(--critical)}.high{--c:var(--high)}.medium{--c:var(--medium)}.low{--c:var(--low)}.info{--c:var(--info)}
.dot{background:var(--c)}rect{fill:var(--c)}circle{fill:none;stroke:var(--c,var(--line));stroke-width:22}
text{fill:var(--fg);text-anchor:middle;font-size:24px;font-weight:600}
.word{color:var(--c);font-weight:600;white-space:nowrap}`;

const SCRIPT = `'use strict';
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
const SVG = 'http://www.w3.org/2000/svg';
const main = document.querySelector('main');

// text is only ever set as text: hosts have written some of it
function make(name, attributes = {}, ...children) {
  const svg = ['svg', 'circle', 'rect', 'text'].includes(name);
  const node = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}
const total = (counts) => SEVERITIES.reduce((sum, key) => sum + (counts[key] || 0), 0);
const words = (counts) => SEVERITIES.filter((key) => counts[key]).map((key) => counts[key] + ' ' + key).join(', ') || 'no findings';
const levelName = (level) => ['info', 'low', 'medium', 'high', 'critical'][level] || 'info';

function donut(counts) {
  const all = total(counts);
  const around = 2 * Math.PI * 60;
  const svg = make('svg', { viewBox: '0 0 160 160', role: 'img', 'aria-label': 'Findings by severity: ' + words(counts) },
    make('circle', { cx: 80, cy: 80, r: 60 }));
  let before = 0;
  for (const key of SEVERITIES) {
    if (!counts[key]) continue;
    const length = (counts[key] / all) * around;
    svg.append(make('circle', { class: key, cx: 80, cy: 80, r: 60, transform: 'rotate(-90 80 80)',
      'stroke-dasharray': length + ' ' + (around - length), 'stroke-dashoffset': -before }));
    before += length;
  }
  svg.append(make('text', { x: 80, y: 88 }, all));
  const legend = make('ul', {}, ...SEVERITIES.map((key) =>
    make('li', {}, make('span', { class: 'dot ' + key, 'aria-hidden': 'true' }), ' ' + key + ' ', make('b', {}, counts[key] || 0))));
  return make('div', { class: 'donut' }, svg, legend);
}
function bar(counts, widest) {
  const svg = make('svg', { viewBox: '0 0 100 8', preserveAspectRatio: 'none', role: 'img', 'aria-label': words(counts) });
  let x = 0;
  for (const key of SEVERITIES) {
    const width = widest ? (100 * (counts[key] || 0)) / widest : 0;
    if (width) svg.append(make('rect', { class: key, x, y: 0, width, height: 8 }));
    x += width;
  }
  return svg;
}
const table = (rows) => make('table', {}, make('tbody', {}, ...rows.map((cells) => make('tr', {}, ...cells.map((cell) => make('td', {}, cell))))));
const part = (title, ...children) => make('div', {}, make('h2', {}, title), ...children);
const chip = (level) => make('span', { class: 'word ' + levelName(level) }, levelName(level));

function summary(scan) {
  const hosts = scan.top_hosts || [];
  const widest = Math.max(1, ...hosts.map(total));
  const groups = (list) => table(list.map((group) => [group.name || group.value, chip(group.max_severity), group.hosts + (group.hosts === 1 ? ' host' : ' hosts')]));
  const { authentication: login } = scan;
  return [
    make('h1', {}, scan.scan_name || scan.task_id),
    make('p', { class: 'dim' }, scan.findings + ' findings on ' + scan.hosts + ' hosts; ' + scan.exploitable.findings + ' with a known exploit, on ' + scan.exploitable.hosts + ' hosts'),
    make('div', { class: 'charts' },
      part('By severity', donut(scan.severity_breakdown)),
      part('Worst hosts', table(hosts.map((host) => [host.host, bar(host, widest), total(host)]))),
      part('Top plugins', groups((scan.top_plugins || []).slice(0, 6))),
      part('Top CVEs', groups((scan.top_cves || []).slice(0, 6)))),
    ...(login && login.status !== 'not_applicable'
      ? [part('Credentials', make('p', {}, 'Worked on ' + login.success + ' hosts, partly on ' + login.partial + ', failed on ' + login.failed))]
      : []),
  ];
}
function comparison(change) {
  const { hosts, not_looked: unseen } = change;
  const kinds = [['New', change.new], ['Fixed', change.fixed], ['Still there', change.persisting], ['Not looked for any more', unseen],
    ['On hosts that are gone', { ...hosts.gone, total: hosts.gone.findings }], ['On added hosts', { ...hosts.added, total: hosts.added.findings }]];
  const widest = Math.max(1, ...kinds.map(([, kind]) => total(kind.by_severity)));
  const list = (findings) => table(findings.slice(0, 8).map((finding) => [chip(finding.severity), finding.plugin_name, finding.host]));
  return [
    make('h1', {}, 'Comparison of two scans'),
    make('p', { class: 'dim' }, 'The first three are of the ' + hosts.both + ' hosts in both scans.'),
    ...(change.notes || []).map((note) => make('p', {}, note)),
    ...[['Gone', hosts.gone], ['Added', hosts.added]].filter(([, list]) => list.total).map(([word, list]) => make('p', {}, word + ', ' + list.total + (list.total === 1 ? ' host: ' : ' hosts: ') + list.hosts)),
    table(kinds.map(([word, kind]) => [word, bar(kind.by_severity, widest), kind.total])),
    make('div', { class: 'charts' }, part('Worst new findings', list(change.new.worst)), part('Worst fixed findings', list(change.fixed.worst)),
      ...(unseen.total ? [part('Not looked for any more', make('p', { class: 'dim' }, 'They may still be there. Worse login: ' + unseen.by_reason.login + ', port: ' + unseen.by_reason.port + ', plugin: ' + unseen.by_reason.plugin), list(unseen.worst))] : [])),
  ];
}
function show({ structuredContent: content, isError }) {
  if (isError || !content) return main.replaceChildren(make('p', { class: 'dim' }, (content && content.message) || 'There is nothing to show.'));
  if (content.severity_breakdown) main.replaceChildren(...summary(content));
  else if (content.persisting) main.replaceChildren(...comparison(content));
  else if (content.groups && content.empty) main.replaceChildren(make('p', {}, content.empty.why), make('p', { class: 'dim' }, content.empty.near.join(', ')));
  else if (content.groups) main.replaceChildren(make('h1', {}, 'By ' + content.group_by), table(content.groups.map((group) => [group.name || group.value, chip(group.max_severity), group.findings])));
}

let lastId = 0;
const waiting = new Map();
const send = (message) => parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
const ask = (method, params) => new Promise((resolve) => { waiting.set(++lastId, resolve); send({ id: lastId, method, params }); });
const dress = (context) => { if (context && context.theme) document.documentElement.classList.toggle('dark', context.theme === 'dark'); };
addEventListener('message', ({ source, data }) => {
  if (source !== parent || !data || data.jsonrpc !== '2.0') return;
  if (data.method === undefined) { const resolve = waiting.get(data.id); waiting.delete(data.id); if (resolve) resolve(data.result || {}); }
  else if (data.method === 'ui/notifications/tool-result') show(data.params || {});
  else if (data.method === 'ui/notifications/host-context-changed') dress(data.params);
  else if (data.id !== undefined) send({ id: data.id, result: {} });
});
dress({ theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light' });
ask('ui/initialize', { appInfo: { name: 'nessus-mcp', version: '0.1.0' }, appCapabilities: {}, protocolVersion: '2026-01-26' }).then(({ hostContext }) => {
  dress(hostContext);
  send({ method: 'ui/notifications/initialized', params: {} });
  new ResizeObserver(() => {
    const { scrollWidth: width, scrollHeight: height } = document.documentElement;
    send({ method: 'ui/notifications/size-changed', params: { width, height } });
  }).observe(document.body);
});`;

/** The view: one file that asks nobody for anything, and shows what the tool has answered. */
export const VIEW_HTML: string = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Scan</title><style>${STYLE}</style></head><body><main><p class="dim">Reading the scan</p></main><script>${SCRIPT}</script></body></html>`;
