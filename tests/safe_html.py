"""What HTML made of editors' Markdown may hold."""

import re
from html.parser import HTMLParser

NERVE = ("1", "#n1", "Document 1: What nerve causes facial spasms?")
TAGS = {"p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em"}
TAGS |= {"strong", "a", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title", "class", "aria-label", "rel"}, "ol": {"start"}}


def cite(slug):
    return NERVE if slug == "nerve" else None


class Reader(HTMLParser):
    """Reads the tags of a piece of HTML, as (tag, attributes)."""

    @classmethod
    def read(cls, html):
        reader = cls()
        reader.tags = []
        reader.feed(html)
        reader.close()
        return reader.tags

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.tags.append(("comment", {}))

    def handle_decl(self, decl):
        self.tags.append(("declaration", {}))


def assert_safe(html):
    html.encode()
    assert "<script" not in html
    assert "<img" not in html
    for tag, attributes in Reader.read(html):
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES.get(tag, set())
        assert attributes.get("class", "note") == "note"
        if tag == "a":
            assert attributes["rel"] == "noopener"
            scheme = re.match(r"[\x00-\x20]*([a-zA-Z][-+.\w]*):", attributes.get("href", ""))
            assert not scheme or scheme[1].lower() in ("http", "https", "mailto", "tel", "sms")
