"""The page of a report: its colours, light and dark, its layout on a screen and on a phone."""

from __future__ import annotations

from ..routing.picture_page import escape

#: Hues of Okabe and Ito, which colour-blind people can tell apart; ensembles are blue.
STYLE = """
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1d242c;--soft:#5f6a76;
--line:#e4e6e8;--member:#8a949e;--best:#1d242c;--ensemble:#0072b2;--warn:#b8500b;--good:#00795a;
--tint:0 114 178;--warm:213 94 0;--c0:#0072b2;--c1:#e69f00;--c2:#009e73;--c3:#cc79a7;--c4:#56b4e9;
--c5:#d55e00;--c6:#7a5fb5;--c7:#9c6b4a;--c8:#b8a92b;--c9:#3f7f86;--other:#a9b1b9;
--mark:#b4bac1;--right:#0a8a68;--wrong:#d9803c}
@media(prefers-color-scheme:dark){
:root{--bg:#14181d;--card:#1b2027;--ink:#e8ebee;--soft:#9aa5b1;--line:#2e353e;--member:#8893a0;
--best:#f4f6f8;--ensemble:#5db7ec;--warn:#f0904a;--good:#3fc79a;--tint:93 183 236;
--warm:240 144 74;--c0:#3d9bd8;--c2:#2bb58a;--other:#66707b;--mark:#55606c;
--right:#2a9c79;--wrong:#b9682f}
}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,"Segoe UI",
"Noto Sans","Noto Sans CJK SC",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1080px;margin:0 auto;padding:44px 28px 80px}
h1{font-size:15px;font-weight:600;margin:0 0 14px;color:var(--soft)}
h2{font-size:22px;line-height:1.25;letter-spacing:-.01em;margin:64px 0 4px}
h3{font-size:15px;margin:0 0 2px;overflow-wrap:anywhere}p{margin:0 0 14px;max-width:72ch}
.soft,h2+p,figcaption{color:var(--soft)}
.lead{font-size:clamp(21px,3.4vw,31px);line-height:1.28;letter-spacing:-.015em;max-width:30em;
margin:0 0 18px;overflow-wrap:anywhere}.lead b{color:var(--ensemble)}
.verdict{display:inline-block;font-weight:600;padding:3px 12px;border-radius:99px;font-size:14px;
border:1.5px solid currentColor;margin:0 0 20px}.yes{color:var(--good)}.no{color:var(--warn)}
.facts{display:flex;flex-wrap:wrap;gap:14px 40px;margin:0 0 8px;padding:16px 0 0;
border-top:1px solid var(--line)}.facts div{min-width:0}
.facts dt{font-size:13px;color:var(--soft)}
.facts dd{margin:0;font-size:21px;font-weight:600;font-variant-numeric:tabular-nums}
.note{border-left:3px solid var(--warn);padding:2px 0 2px 14px;margin:0 0 14px;max-width:72ch}
.rows{margin:18px 0 0}
.row{display:grid;grid-template-columns:minmax(0,230px) minmax(0,1fr) 172px;gap:0 18px;
align-items:center;min-height:30px}
.row .name{overflow-wrap:anywhere;line-height:1.25;font-size:15px}
.row .value{text-align:right;font-variant-numeric:tabular-nums;font-size:15px;white-space:nowrap}
.row .value small{color:var(--soft);font-size:13px}
.row.ensemble .name{color:var(--ensemble);font-weight:600}.row.best .name{font-weight:700}
.rows{overflow:hidden}.row.foot{position:relative;background:var(--bg)}.row{padding:2px 0}
.broad-picture{grid-template-columns:minmax(0,230px) minmax(0,1fr)}
.broad-picture .value{display:none}.dot.worse{fill:var(--warn)}.span.worse{stroke:var(--warn)}
.plot .span{stroke-width:1.5}.wide .plot .span,.narrow .plot .span{stroke-width:1;opacity:.4}
.group{margin:26px 0 0}.group .rows{margin-top:4px}
.tag{font-size:12px;overflow-wrap:anywhere;font-weight:400;color:var(--soft)}
.grid2{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));
gap:34px 44px;margin:20px 0 0}.grid2>*{min-width:0}figure{margin:0}
figcaption{font-size:14px;margin:0 0 8px}svg{display:block;overflow:visible}.strip{width:100%}
.plot{width:100%;height:auto;max-width:560px}.wide .plot{max-width:none}.narrow{display:none}
text{font:12px system-ui,"Segoe UI","Noto Sans","Noto Sans CJK SC",sans-serif;fill:var(--ink)}
text.tick{fill:var(--soft);font-size:12px}text.axis{fill:var(--soft);font-size:12.5px}
text.on{fill:#fff;font-weight:600;paint-order:stroke;stroke:#0007;stroke-width:2px}
text.label{paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
text.label.ensemble{fill:var(--ensemble);font-weight:600}text.label.best{font-weight:700}
.grid{stroke:var(--line)}.span{stroke-width:2;stroke-linecap:round;opacity:.55}
.span.member{stroke:var(--member)}.span.best{stroke:var(--best)}
.span.ensemble{stroke:var(--ensemble)}.dot.member{fill:var(--member)}.dot.best{fill:var(--best)}
.dot.ensemble{fill:var(--ensemble)}.dot.soft{fill:var(--bg);stroke:var(--member);stroke-width:2}
.span.soft{stroke:var(--member)}.line{fill:none;stroke-width:2}
.line.ensemble{stroke:var(--ensemble)}.line.member{stroke:var(--member)}
.ref{stroke:var(--mark);stroke-width:1}.top{stroke:var(--good);stroke-dasharray:2 3}
.diagonal{stroke:var(--soft);stroke-dasharray:4 4}
.front{fill:none;stroke:var(--ensemble);stroke-width:1.5;stroke-dasharray:1 4;
stroke-linecap:round}.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}
.c4{fill:var(--c4)}.c5{fill:var(--c5)}.c6{fill:var(--c6)}.c7{fill:var(--c7)}
.c8{fill:var(--c8)}.c9{fill:var(--c9)}.other,.others{fill:var(--other)}
.join{stroke:var(--mark);stroke-width:3}.s-c0{stroke:var(--c0)}.s-c1{stroke:var(--c1)}
.good{fill:var(--right)}.bad{fill:var(--wrong)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:10px 0 0;padding:0;
font-size:14px}
.legend svg{display:inline-block;width:11px;height:11px;margin-right:6px;vertical-align:-1px}
.legend li{overflow-wrap:anywhere}.scroll{overflow-x:auto;margin:16px 0 0}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px 6px 0;text-align:right;border-bottom:1px solid var(--line);
vertical-align:baseline;white-space:nowrap}
th{font-weight:600;color:var(--soft);vertical-align:bottom;white-space:normal}
th:first-child,td:first-child,.text{text-align:left}
td:first-child,tbody th{white-space:normal;overflow-wrap:anywhere;min-width:130px;max-width:250px;
color:inherit;font-weight:500}tr.best td:first-child{font-weight:700}
tr.ensemble td:first-child{color:var(--ensemble);font-weight:600}
.heat td+td{min-width:52px;text-align:center;padding:6px 4px}
.heat th+th{text-align:center;padding:6px 4px;font-size:13px}
.heat .up{background:rgb(var(--tint)/calc(var(--g)*.5))}
.heat .down{background:rgb(var(--warm)/calc(var(--g)*.5))}
.heat .most{font-weight:700;box-shadow:inset 0 0 0 1.5px currentColor}details{margin:14px 0 0}
summary{cursor:pointer;color:var(--soft);font-size:15px}
summary:focus-visible{outline:2px solid var(--ensemble);outline-offset:3px}
.case{border-top:1px solid var(--line);padding:14px 0}
.case>summary{color:var(--ink);overflow-wrap:anywhere}.case>summary small{color:var(--soft)}
.case ul{list-style:none;padding:0;margin:10px 0 0}
.case li{padding:4px 0 4px 26px;position:relative;overflow-wrap:anywhere}
.case li::before{position:absolute;left:2px;font-weight:700}
.case .right::before{content:"✓";color:var(--good)}
.case .wrong::before{content:"✗";color:var(--warn)}
.case pre{white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,Consolas,
monospace;margin:2px 0 8px;color:var(--soft)}
footer{margin:70px 0 0;padding:18px 0 0;border-top:1px solid var(--line);font-size:14px;
color:var(--soft)}
@media(max-width:700px){
main{padding:26px 18px 60px}h2{margin-top:48px}
.row{grid-template-columns:minmax(0,1fr) auto;margin:0 0 8px}
.row .strip{grid-column:1/-1;grid-row:2}.row.foot>span{display:none}
.row .strip{clip-path:inset(0 -9px)}.row.foot .strip{clip-path:none}.rows{overflow:visible}
.row .value small{font-size:12px}.broad{display:none}.narrow{display:block}.facts{gap:12px 28px}
}
.compact .row{grid-template-columns:minmax(0,1fr) auto;margin:0 0 6px}
.compact .row .strip{grid-column:1/-1;grid-row:2;clip-path:inset(0 -9px)}
.compact .row.foot .strip{clip-path:none}.compact .row.foot>span{display:none}
.compact .rows{overflow:visible}.group .row .name{color:inherit;font-weight:400}
.words td:last-child,.words th:last-child{text-align:left;white-space:normal}
@media print{
.case{break-inside:avoid}main{max-width:none}
}
"""


def document(title: str, body: str) -> str:
    """A complete page that loads nothing and runs no script.

    Example:
        >>> "<title>A &lt; B</title>" in document("A < B", "<h1>x</h1>")
        True
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )
