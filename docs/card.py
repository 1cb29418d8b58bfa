"""The picture that a page shows where somebody passes it on, into conditions/static/conditions/card.png.

`python -m docs.card` draws it again from the site's own face and colors. It needs Chromium. The picture is reduced to
few colors, as those of docs/screenshots.py are.
"""

from __future__ import annotations

from pathlib import Path

from docs.screenshots import small
from tests.browser.chromium import running

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "conditions" / "static" / "conditions" / "card.png"
SIZE = {"width": 1200, "height": 630}
STYLE = """
body { display: grid; grid-template-columns: 36rem 1fr; align-items: center; gap: 2rem; margin: 0; height: 630px;
  padding: 0 4.5rem; box-sizing: border-box; background: var(--paper); color: var(--ink) }
h1 { margin: 0 0 1.5rem; font: 400 5.2rem/1.1 var(--serif) }
p { margin: 0; font: 400 2.3rem/1.35 var(--serif); color: var(--ink2) }
svg { height: 560px; overflow: visible; fill: none; stroke: var(--ink); stroke-width: 1.1px; stroke-linecap: round }
.contour { stroke-width: 2px }
.brow, .pupil { fill: var(--ink); stroke: none }
.seam { stroke: var(--edge); stroke-dasharray: .1 3.2 }
"""


def main() -> None:
    tokens = (OUT.parent / "tokens.css").read_text(encoding="utf-8")
    lines = (ROOT / "templates" / "public" / "parts" / "face_lines.html").read_text(encoding="utf-8")
    said = "<h1>FaceHealth</h1><p>Why the face twitches, droops, hurts or swells, and what helps</p>"
    face = f'<svg viewBox="-172 10 344 506">{lines}</svg>'
    html = f"<!doctype html><style>{tokens}{STYLE}</style><body><div>{said}</div>{face}</body>"
    with running() as browser:
        page = browser.new_page(viewport=SIZE)
        page.set_content(html)
        OUT.write_bytes(small(page.screenshot()))


if __name__ == "__main__":
    main()
