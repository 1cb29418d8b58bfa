"""How many words of our page's main text another page shows."""

import re
from collections import Counter
from html.parser import HTMLParser

LEFT_OUT = {"script", "style", "svg"}


class _MainText(HTMLParser):
    """Gathers what readers see inside <main>."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside, self._left_out = 0, 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._inside += tag == "main"
        self._left_out += tag in LEFT_OUT

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "main"
        self._left_out -= tag in LEFT_OUT

    def handle_data(self, data: str) -> None:
        if self._inside and not self._left_out:
            self.said.append(data)


def main_words(html: str) -> Counter[str]:
    """The words of a page's main text, and how often each stands in it."""
    parser = _MainText()
    parser.feed(html)
    return Counter(re.findall(r"[^\W\d_]+", " ".join(parser.said).lower()))


def shown(ours: str, other: str) -> tuple[int, int]:
    """How many of our page's words another page shows, each as often as ours at most; and how many ours has."""
    words = main_words(ours)
    return (words & main_words(other)).total(), words.total()
