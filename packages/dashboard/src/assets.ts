/** The style sheet: system fonts and colours, light and dark, down to 360 pixels. */
export const STYLE: string = `:root{--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--soft:#f6f8fa;--link:#0550ae;--critical:#8b0a3d;--high:#c6311f;--medium:#b35900;--low:#0969da;--info:#6e7781;--ok:#116329}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9da7b1;--line:#30363d;--soft:#161b22;--link:#79b8ff;--critical:#ff7eb6;--high:#ff8a7a;--medium:#f0a35e;--low:#79b8ff;--info:#9da7b1;--ok:#56d364}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
a{color:var(--link)}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:4px 8px}
header{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center;padding:10px 16px;border-bottom:1px solid var(--line);background:var(--soft)}
header nav{display:flex;gap:16px}
header nav a{text-decoration:none}header nav a[aria-current]{font-weight:600;text-decoration:underline}
.who{margin-left:auto}
main{max-width:1100px;margin:0 auto;padding:8px 16px 40px}
h1{font-size:1.5rem;margin:.6em 0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:1.4em 0 .4em}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--dim);font-size:.85rem;padding:2px 0}
th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;white-space:nowrap}td{overflow-wrap:anywhere;min-width:4em}
.facts{display:flex;flex-wrap:wrap;gap:12px;margin:0}
.facts div{background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:8px 16px;min-width:110px}
.facts dt{color:var(--dim)}.facts dd{margin:0;font-size:1.6rem;font-weight:600}
.about div{display:grid;grid-template-columns:minmax(90px,150px) 1fr;gap:8px;padding:3px 0;border-bottom:1px solid var(--line)}
.about dt{color:var(--dim)}.about dd{margin:0;overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.45 ui-monospace,monospace}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:0 32px}
.donut{display:flex;flex-wrap:wrap;gap:16px;align-items:center;margin:0}
.donut svg{width:150px;height:150px;transform:none}
.ring,.arc{fill:none;stroke-width:22}.ring{stroke:var(--line)}
.arc{transform:rotate(-90deg);transform-origin:80px 80px}
.total{text-anchor:middle;font-size:22px;font-weight:600;fill:var(--fg)}
.legend{list-style:none;margin:0;padding:0}
.dot{display:inline-block;width:11px;height:11px;border-radius:50%}
.bar{width:100%;min-width:90px;height:12px;display:block}
.progress{display:inline-grid;grid-template-columns:110px auto;gap:8px;align-items:center}
.track{fill:var(--line)}.fill{fill:var(--low)}
rect.critical{fill:var(--critical)}rect.high{fill:var(--high)}rect.medium{fill:var(--medium)}rect.low{fill:var(--low)}rect.info{fill:var(--info)}
.arc.critical{stroke:var(--critical)}.arc.high{stroke:var(--high)}.arc.medium{stroke:var(--medium)}.arc.low{stroke:var(--low)}.arc.info{stroke:var(--info)}
.dot.critical{background:var(--critical)}.dot.high{background:var(--high)}.dot.medium{background:var(--medium)}.dot.low{background:var(--low)}.dot.info{background:var(--info)}
.chip,.state{border:1px solid currentColor;border-radius:10px;padding:0 8px;font-size:.85rem;white-space:nowrap}
.chip.critical{color:var(--critical)}.chip.high,.state.failed,.state.open{color:var(--high)}.chip.medium,.state.timeout,.state.drained,.state.half-open,.state.partial{color:var(--medium)}.chip.low,.state.running{color:var(--low)}.chip.info,.state.queued,.state.disabled{color:var(--info)}.state.completed,.state.ok,.state.success{color:var(--ok)}
.filters{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:end;margin:8px 0}
input,select,button,.button{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--dim);border-radius:6px;padding:3px 9px}
.filters label{display:grid;grid-template-columns:minmax(0,auto);gap:2px;max-width:100%;min-width:0}select{max-width:100%}.filters input{width:11em;max-width:100%}
.buttons{display:flex;flex-wrap:wrap;gap:8px}.button{text-decoration:none}
details{margin:12px 0}.new-scan{display:grid;gap:10px;max-width:620px}.new-scan label{display:grid;gap:2px}.new-scan button{justify-self:start}.new-scan p{margin:0}textarea{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--dim);border-radius:6px;padding:3px 9px;width:100%}
.confirm{border-left:4px solid var(--ok);padding:4px 12px;margin:0 0 16px;background:var(--soft);overflow-wrap:anywhere}
.pages{display:flex;gap:16px;margin:8px 0}
.problem{border-left:4px solid var(--high);padding:4px 12px;background:var(--soft)}
.notice,.empty{color:var(--dim)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
`;

/** Reads the live part of the page again whenever the server says that something has changed. */
export const SCRIPT: string = `'use strict';
const source = new EventSource(document.body.dataset.live);
let isReading = false;
let isStale = false;
async function read() {
  if (isReading) { isStale = true; return; }
  isReading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.getElementById('live');
    if (!answer.ok || !now) return;
    document.getElementById('live').replaceWith(now);
    // a scan that has ended has charts now
    if (page.body.dataset.live !== document.body.dataset.live) location.reload();
  } finally {
    isReading = false;
    if (isStale) { isStale = false; read(); }
  }
}
source.addEventListener('change', read);
`;
