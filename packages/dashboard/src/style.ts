/** The style sheet: system fonts, calm and dense, light and dark, down to 360 pixels. */
export const STYLE: string = `
:root{--bg:#f4f6f8;--card:#fff;--fg:#182230;--dim:#526173;--line:#dbe1e8;--soft:#eef2f6;--link:#0b5cad;--brand:#12324f;--on-brand:#fff;
--critical:#9d174d;--high:#b42318;--medium:#8a4b00;--low:#175cd3;--info:#526173;--ok:#116b3a;
--critical-soft:#fce7f1;--high-soft:#fdebe9;--medium-soft:#fdf1dd;--low-soft:#e6effd;--ok-soft:#e2f4e9}
@media (prefers-color-scheme:dark){:root{--bg:#0f151c;--card:#161e28;--fg:#e5ebf2;--dim:#9fadbc;--line:#2a3644;--soft:#1c2632;--link:#86bdf7;--brand:#0b1119;--on-brand:#e5ebf2;
--critical:#f79ac0;--high:#ff9a8f;--medium:#f2b667;--low:#8fbcff;--info:#9fadbc;--ok:#6fd596;
--critical-soft:#3a1629;--high-soft:#3b1a18;--medium-soft:#34260f;--low-soft:#162a45;--ok-soft:#10301e}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:14px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--link);text-underline-offset:2px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);color:var(--fg);padding:4px 8px;z-index:3}
header{display:flex;flex-wrap:wrap;gap:4px 22px;align-items:center;padding:8px 20px;background:var(--brand);color:var(--on-brand)}
header a{color:var(--on-brand);text-decoration:none}.brand{font-weight:700;letter-spacing:.01em}
header nav{display:flex;flex-wrap:wrap;gap:4px 16px}
header nav a{padding:2px 0;border-bottom:2px solid transparent}header nav a[aria-current],header nav a:hover{border-color:currentColor}
header button{background:transparent;color:var(--on-brand);border-color:currentColor}
.who{margin-left:auto}
main{max-width:1240px;margin:0 auto;padding:4px 20px 48px}
.title{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:center;justify-content:space-between}
h1{font-size:1.45rem;line-height:1.25;margin:.7em 0 .5em;overflow-wrap:anywhere}
h2{font-size:1.02rem;margin:1.6em 0 .5em}h3{font-size:.92rem;margin:1.2em 0 .3em}
p{margin:.4em 0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:0 28px;align-items:start}
.columns>*{min-width:0}
.verdict{font-size:1.05rem;font-weight:600;border-left:4px solid var(--info);padding:2px 10px}
.verdict.better{border-color:var(--ok)}.verdict.worse{border-color:var(--high)}
.tiles{list-style:none;display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:10px;margin:.6em 0;padding:0}
.tile{background:var(--card);border:1px solid var(--line);border-top:3px solid var(--info);border-radius:6px;padding:8px 12px;display:grid}
.tile.critical{border-top-color:var(--critical)}.tile.high{border-top-color:var(--high)}.tile.medium{border-top-color:var(--medium)}.tile.low{border-top-color:var(--low)}
.tile .word{color:var(--dim)}.tile .big{font-size:1.9rem;line-height:1.2;font-weight:650;color:var(--fg);justify-self:start}
.change{font-size:.86rem;color:var(--dim)}.change.worse{color:var(--high)}.change.better{color:var(--ok)}
.fixes{margin:0;padding:0;list-style:none;counter-reset:fix;background:var(--card);border:1px solid var(--line);border-radius:6px}
.fixes li{counter-increment:fix;padding:8px 12px 8px 38px;position:relative;border-bottom:1px solid var(--line)}.fixes li:last-child{border:0}
.fixes li::before{content:counter(fix);position:absolute;left:14px;top:8px;color:var(--dim);font-weight:600}
.step{margin:0;font-weight:550;overflow-wrap:anywhere}.fixes .notice{margin:2px 0 0}
.todo{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:6px}
.todo li{padding:8px 12px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}.todo li:last-child{border:0}
.advice{display:block;color:var(--dim)}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:6px}
table{border-collapse:separate;border-spacing:0;width:100%}
caption{text-align:left;color:var(--dim);font-size:.86rem;padding:6px 12px 2px}
th,td{text-align:left;padding:5px 12px;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child td{border-bottom:0}tbody tr:hover td{background:var(--soft)}
th{font-weight:600;font-size:.8rem;color:var(--dim);background:var(--card)}
td{overflow-wrap:anywhere;min-width:5em}
td.fixed,.when{white-space:nowrap;overflow-wrap:normal}td.fixed,td.number{min-width:0}
td .host{display:inline-block;max-width:100%;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}
th.number,td.number{text-align:right;white-space:nowrap}
.counts{display:inline-grid;grid-template-columns:repeat(4,minmax(2.3em,auto));gap:3px}
.count{text-align:center;border-radius:4px;padding:0 5px;font-weight:600}
.count.critical{background:var(--critical-soft);color:var(--critical)}.count.high{background:var(--high-soft);color:var(--high)}.count.medium{background:var(--medium-soft);color:var(--medium)}.count.low{background:var(--low-soft);color:var(--low)}.count.none{color:var(--dim);font-weight:400}
.chip,.state,.mark{border-radius:4px;padding:0 7px;font-size:.82rem;font-weight:600;white-space:nowrap;background:var(--soft);color:var(--info);display:inline-block}
.chip.critical{background:var(--critical-soft);color:var(--critical)}.chip.high,.state.failed,.state.open,.state.overdue,.state.reopened{background:var(--high-soft);color:var(--high)}
.mark{background:var(--critical);color:var(--card)}.chip.medium,.state.timeout,.state.drained,.state.half-open,.state.partial,.state.warning,.state.away,.state.accepted,.state.approval{background:var(--medium-soft);color:var(--medium)}.chip.low,.state.running{background:var(--low-soft);color:var(--low)}.state.completed,.state.ok,.state.success,.state.fixed{background:var(--ok-soft);color:var(--ok)}
.bar{width:100%;min-width:90px;height:10px;display:block;border-radius:3px}
.progress{display:inline-grid;grid-template-columns:100px auto;gap:8px;align-items:center}
.track{fill:var(--line)}.fill{fill:var(--low)}
rect.critical{fill:var(--critical)}rect.high{fill:var(--high)}rect.medium{fill:var(--medium)}rect.low{fill:var(--low)}rect.info{fill:var(--info)}rect.better{fill:var(--ok)}rect.worse{fill:var(--high)}
.chart{margin:.4em 0 1em;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px 12px}
.chart>svg{width:100%;height:130px;display:block}.chart figcaption{display:flex;flex-wrap:wrap;gap:2px 14px;justify-content:space-between}
.legend{display:flex;flex-wrap:wrap;gap:2px 12px;color:var(--dim);font-size:.86rem}.key{width:10px;height:10px}
.axis{display:flex;justify-content:space-between;color:var(--dim);font-size:.8rem;margin:0}.base{stroke:var(--line);stroke-width:1}
.timeline{list-style:none;margin:.6em 0;padding:0 0 0 12px;border-left:2px solid var(--line)}.timeline li{padding:3px 0 3px 6px;overflow-wrap:anywhere}
.listing{margin:.4em 0;padding-left:1.2em;overflow-wrap:anywhere}
.about{margin:.4em 0;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:4px 12px}
.about div{display:grid;grid-template-columns:minmax(100px,220px) 1fr;gap:12px;padding:3px 0;border-bottom:1px solid var(--line)}.about div:last-child{border:0}
.about dt{color:var(--dim)}.about dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}
.lead{font-weight:600}.prose{max-width:78ch;white-space:pre-line;overflow-wrap:anywhere}
pre{margin:0;padding:8px 12px;background:var(--soft);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,monospace}
.finding+.finding{border-top:1px solid var(--line);margin-top:2em}.finding ul{padding-left:1.2em;overflow-wrap:anywhere}
.filters{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin:8px 0 12px}
.filters label{display:grid;grid-template-columns:minmax(0,auto);gap:2px;max-width:100%;min-width:0;color:var(--dim);font-size:.86rem}
.filters .check{display:flex;gap:6px;align-items:center;padding-bottom:5px}.filters input:not([type=checkbox]){width:13em;max-width:100%}
.filters details{margin:0;align-self:end}.filters details[open]{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;flex-basis:100%}.filters details input[name=filters]{width:26em}
input,select,button,.button,textarea{font:inherit;color:var(--fg);background:var(--card);border:1px solid var(--dim);border-radius:5px;padding:4px 10px;max-width:100%}
textarea{width:100%}.buttons{display:flex;flex-wrap:wrap;gap:8px}.button{text-decoration:none;display:inline-block}
.primary{background:var(--link);color:var(--card);border-color:var(--link)}
details{margin:12px 0}summary{cursor:pointer;color:var(--link)}
.new-scan{display:grid;gap:10px;max-width:620px}.new-scan label,.login label{display:grid;gap:2px;max-width:420px}.new-scan label{max-width:none}.new-scan button,.login button{justify-self:start}.new-scan p{margin:0}
.login{display:grid;gap:10px}
.confirm{border-left:4px solid var(--ok);padding:6px 14px;margin:0 0 16px;background:var(--card);overflow-wrap:anywhere}
.pages{display:flex;gap:16px;margin:8px 0}
.problem{border-left:4px solid var(--high);padding:6px 12px;background:var(--card);overflow-wrap:anywhere}
.notice,.empty{color:var(--dim)}.empty{margin:.4em 0}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}header :focus-visible{outline-color:var(--on-brand)}
@media (min-width:1000px){.scroll.wide{overflow:visible}.scroll.wide th{position:sticky;top:0;z-index:1;border-radius:6px 6px 0 0}}
@media (max-width:600px){
main{padding:4px 12px 40px}header{padding:8px 12px}.who{margin-left:0}.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
.scroll{overflow:visible;background:none;border:0}table,tbody,caption{display:block}thead{display:none}caption{padding-left:0}
tr{display:block;background:var(--card);border:1px solid var(--line);border-radius:6px;margin:0 0 8px;padding:4px 0}
td,td.number{display:grid;grid-template-columns:minmax(86px,34%) minmax(0,1fr);gap:10px;border:0;padding:3px 12px;text-align:left;min-width:0}
td::before{content:attr(data-word);color:var(--dim);white-space:normal}
td.fixed{white-space:nowrap}td.fixed>*{justify-self:start;max-width:100%;min-width:0;overflow:hidden;text-overflow:ellipsis}
.rows tr{display:flex;flex-wrap:wrap;gap:0 14px;padding:6px 12px}.rows td,.rows td.number{max-width:100%;display:inline-flex;align-items:start;gap:6px;padding:1px 0}.rows td.text{flex:1 1 0;min-width:70%}.rows td.text~td.text{min-width:0;flex:0 1 auto}.rows td.text::before,.rows td:first-child::before{content:none}
tbody tr:hover td{background:none}
.about div{grid-template-columns:minmax(86px,34%) minmax(0,1fr)}.bar{max-width:160px}
.filters{display:grid;grid-template-columns:repeat(2,minmax(0,1fr))}.filters details,.filters .check{grid-column:1/-1}
.filters label,.filters .check,.filters input:not([type=checkbox]),.filters select,.filters details input[name=filters]{width:100%}}
`.trim();
