/** Style of the report: both colour schemes, small screens, and paper. */
export const STYLE = `:root{color-scheme:light dark;--s4:#b3123c;--s3:#b93f08;--s2:#856002;--s1:#237032;--s0:#4a6785}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.25rem 0}
th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:break-word}
.n{text-align:right}.k,.n{white-space:nowrap}
details{border:1px solid #8884;border-radius:.4em;margin:.4rem 0;padding:.2rem .7rem}summary{cursor:pointer}
details details{margin:.2rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8882;padding:.5rem;margin:.3rem 0}
.b{display:inline-block;min-width:5em;padding:0 .4em;border-radius:.3em;color:#fff;text-align:center}
.s4{background:var(--s4)}.s3{background:var(--s3)}.s2{background:var(--s2)}.s1{background:var(--s1)}.s0{background:var(--s0)}
.r0{background:#237032}.r1{background:#b3123c}.r2{background:#856002}.r3{background:#4a6785}
@media print{body{max-width:none;font-size:10pt;padding:0}details{break-inside:avoid-page}
details::details-content{content-visibility:visible;block-size:auto}details>*{display:block!important}
pre{max-height:none}tr{break-inside:avoid}thead{display:table-header-group}.b{print-color-adjust:exact}a{color:inherit;text-decoration:none}}`;
