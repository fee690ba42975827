"""The page around the picture: style, scales and escaping."""

import html
from collections.abc import Sequence

WIDTH, HEIGHT = 1120, 640
_MARGIN = 34

STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#667085;--line:#e3e7ed;
--up:76 141 214;--down:229 158 46;--halo:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e6eaf0;--soft:#97a1b0;
--line:#2b3340;--halo:#1a2029}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);line-height:1.5;
font-family:system-ui,"Noto Sans","Noto Sans CJK SC",sans-serif;font-size:15px}
main{max-width:1200px;margin:0 auto;padding:36px 28px 60px}
header{display:flex;flex-wrap:wrap;gap:18px 48px;align-items:end;justify-content:space-between}
h1{font-size:30px;margin:0;letter-spacing:-.02em}h2{font-size:19px;margin:38px 0 2px}
p{color:var(--soft);margin:0 0 12px;max-width:75ch}
.facts{display:flex;flex-wrap:wrap;gap:30px}.facts b{display:block;font-size:20px;line-height:1.2}
.facts span{color:var(--soft);font-size:13px}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:14px;
overflow:hidden}.scroll{overflow-x:auto;padding:6px 14px 14px}
svg{display:block;width:100%;height:auto}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:6px 20px;margin:0 0 12px;padding:0;
font-size:13.5px}.legend i{display:inline-block;width:11px;height:11px;border-radius:50%;
margin-right:7px;vertical-align:-1px}
.q{opacity:.62}.c circle{fill:var(--card);stroke-width:2.4}
.c text{font-size:9.5px;font-weight:600;text-anchor:middle;fill:var(--ink)}
.w{font-size:11.5px;fill:var(--ink);paint-order:stroke;stroke:var(--halo);stroke-width:3.5px;
stroke-linejoin:round}
table{border-collapse:separate;border-spacing:3px;font-size:13px;width:100%}
th{font-weight:600;color:var(--soft);text-align:left;vertical-align:bottom;padding:4px 6px}
th span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:180px;
white-space:nowrap}
td{padding:4px 7px;border-radius:6px}
.n{font-variant-numeric:tabular-nums;color:var(--soft);text-align:right;width:1%}
.words{min-width:260px}.h{text-align:center;font-variant-numeric:tabular-nums;min-width:44px}
.up{background:rgb(var(--up)/calc(var(--g)*.75))}.down{background:rgb(var(--down)/calc(var(--g)*.6))}
.best{font-weight:700;box-shadow:inset 0 0 0 2px var(--ink)}
"""


class Scale:
    """Scales map coordinates to the drawing, equally in both directions."""

    def __init__(self, points: Sequence[tuple[float, float]], width: int, height: int) -> None:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        self.left: float = min(xs)
        self.bottom: float = min(ys)
        self.wide: float = max(max(xs) - self.left, 1e-9)
        self.tall: float = max(max(ys) - self.bottom, 1e-9)
        self.width: int = width - 2 * _MARGIN
        self.height: int = height - 2 * _MARGIN

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        """The position on the drawing, in its units."""
        across = _MARGIN + self.width * (x - self.left) / self.wide
        down = _MARGIN + self.height * (1 - (y - self.bottom) / self.tall)
        return round(across, 1), round(down, 1)


def overlap(a: tuple[float, float, float], b: tuple[float, float, float]) -> bool:
    """Whether two one-line labels (left, middle height, width) touch."""
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and abs(a[1] - b[1]) < 15


def escape(text: str) -> str:
    """Escape a text for HTML; invalid characters become replacement characters.

    Example:
        >>> escape('<b>"&')
        '&lt;b&gt;&quot;&amp;'
    """
    valid = text.encode("utf-8", "replace").decode("utf-8")
    kept = "".join(c if c.isprintable() or c in " \n\t" else "\ufffd" for c in valid)
    return html.escape(kept, quote=True)


def short(name: str) -> str:
    """A member's name without its owner, cut to 28 characters."""
    last = name.rsplit("/", 1)[-1]
    return last if len(last) <= 28 else last[:27] + "…"


def svg(marks: str, width: int, height: int, label: str) -> str:
    """An SVG of the given size in its own units."""
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{marks}</svg>'
    )


def document(title: str, body: str) -> str:
    """A complete page that loads nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )
