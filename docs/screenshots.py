"""Pictures of some pages, at three widths, light and dark, into docs/screenshots/: `make screenshots`.

The site is started on a free port, with a database of its own that holds fixtures/ and nothing else, and is
stopped at the end. Pictures are cut off below a height, and reduced to few colors: they are for looking at.
"""

from __future__ import annotations

import io
import sys
from itertools import chain, product
from pathlib import Path
from typing import Any

from PIL import Image

from tests.browser.chromium import CHROMIUM, running
from tests.browser.served import served

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
PAGES = {
    "home": ("Home", "/"),
    "condition": ("A condition", "/conditions/hemifacial-spasm/"),
    "symptom": ("A symptom", "/symptoms/eyelid-twitching/"),
    "treatment": ("A treatment", "/treatments/botulinum-toxin-injections/"),
    "question": ("A question, its answer word for word", "/questions/what-nerve-causes-facial-spasms/"),
    "list": ("A list, filtered by a tag", "/symptoms/?tag=eyelids"),
    "tag": ("A tag", "/tags/one-side/"),
    "a-to-z": ("A to Z", "/a-z/"),
    "search": ("Search", "/search/?q=eyelid+twitching"),
    "emergency": ("A search that sounds like an emergency", "/search/?q=face+suddenly+drooping+one+side"),
    "place": ("A place of the face", "/face/eyelids/"),
    "find": (
        "What may lie behind what one feels",
        "/find/?symptom=eyelid-twitching&symptom=cheek-twitching",
    ),
    "compare": ("Two conditions side by side", "/compare/?condition=eyelid-myokymia&condition=hemifacial-spasm"),
    "about": ("About", "/about/"),
}
HEIGHTS = {360: 1500, 768: 1500, 1280: 1200}
"""The widths, and how much of a page is shown at each."""
SCHEMES = ("light", "dark")
COLORS = 40


def small(png: bytes) -> bytes:
    """The same picture in its most frequent colors, exactly as they are; the others become the nearest of these."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    counted = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:COLORS]
    palette = Image.new("P", (1, 1))
    palette.putpalette(bytes(chain.from_iterable(color for _, color in counted)))
    out = io.BytesIO()
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def take(tab: Any, address: str, width: int, scheme: str) -> bytes:
    """A picture of a page from its top, as wide as the window and no higher than is shown at that width."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme)
    if tab.goto(address).status != 200:
        raise RuntimeError(f"{address} is not there")
    height = min(HEIGHTS[width], tab.evaluate("document.documentElement.scrollHeight"))
    return tab.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})


def file_name(page: str, width: int, scheme: str) -> str:
    return f"{page}-{width}-{scheme}.png"


def index() -> str:
    """The list of the pictures, for OUT/README.md."""
    columns = [f"{width} px, {scheme}" for width, scheme in product(HEIGHTS, SCHEMES)]
    lines = [
        "# Pictures of the site",
        "",
        "Made by `make screenshots` from `fixtures/`, in Chromium, with the fonts of the machine that made them.",
        "A picture shows a page from its top, and is cut off where the page is longer.",
        "",
        f"| page | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for page, (title, address) in PAGES.items():
        names = [f"[see]({file_name(page, width, scheme)})" for width, scheme in product(HEIGHTS, SCHEMES)]
        lines.append(f"| {title}: `{address}` | {' | '.join(names)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    if CHROMIUM is None:
        sys.exit("Chromium is not installed. On Debian: apt-get install chromium")
    OUT.mkdir(exist_ok=True)
    with served() as site, running() as chromium:
        tab = chromium.new_page()
        pictures = {
            file_name(page, width, scheme): small(take(tab, f"{site}{address}", width, scheme))
            for page, (_, address) in PAGES.items()
            for width, scheme in product(HEIGHTS, SCHEMES)
        }
    for old in OUT.glob("*.png"):
        old.unlink()
    for name, png in pictures.items():
        (OUT / name).write_bytes(png)
    (OUT / "README.md").write_text(index())
    print(f"{len(pictures)} pictures in {OUT.relative_to(ROOT)}/, {sum(map(len, pictures.values())) // 1000} kB")


if __name__ == "__main__":
    main()
