"""Names as long as a name may be, which grow when they are folded for sorting and finding."""

from __future__ import annotations

import re

import pytest

from conditions import prose
from conditions.schema import NAME_LENGTH
from tests.resilience import table
from tests.resilience.editing import ADMIN, Someone, errors_in
from tests.resilience.processes import Server
from tests.resilience.visitor import Answer, Visitor

pytestmark = pytest.mark.process

NAMES = {
    "ligatures": "ﬃ" * NAME_LENGTH,
    "sharp s": "ß" * NAME_LENGTH,
    "words": ("ﬄuß " * NAME_LENGTH)[: NAME_LENGTH - 1] + "ß",
    "a letter that is a sentence": "a" + "ﷺ" * (NAME_LENGTH - 1),
}


def published(someone: Someone, kind: str, sent: dict[str, list[str]]) -> tuple[Answer, str]:
    """The answer to a new entry that is published at once; the form that comes after it."""
    fields = someone.form(f"{kind}/add/") | {"summary": ["It is long."], "publisher": ["A publisher"]} | sent
    answer = someone.send(f"{kind}/add/", fields, "_publish")
    assert answer.status in (200, 302), answer.text[-3000:]
    return answer, someone.visitor.get(answer.headers["Location"]).text if answer.status == 302 else ""


def is_read(server: Server, place: str, name: str) -> None:
    """Readers find it: its page, the list, A to Z and search."""
    reader = Visitor(server.port)
    page = reader.get(place)
    assert (page.status, name in page.text) == (200, True)
    pages = [reader.get(f"/{place.split('/')[1]}/?page={number}") for number in (1, 2)]
    assert any(place in each.text for each in pages)
    for path in ("/a-z/", f"{place}history/", "/search/?q=ffi", "/changes/", "/sitemap.xml"):
        assert reader.get(path).status == 200


@pytest.mark.parametrize("letters", NAMES)
def test_a_name_that_grows_when_folded_is_published_and_found(site, database, letters):
    name = NAMES[letters]
    assert len(name) == NAME_LENGTH < len(prose.sort_key(name))
    row = table.row(f"a long name that grows ({database.vendor})")
    with Server(database, site.data) as server:
        someone = Someone(server, site.sessions[0], "Ann")
        for kind in ("cause", "tag", "source"):
            sent = {"name": [name], "slug": ["long-name"], "also_called": [name[::-1]]}
            answer, said = published(someone, kind, sent)
            assert "Published in edition" in said, errors_in(answer)
            is_read(server, f"/{kind}s/long-name/", name)
            row.trial("published")
        assert name in someone.visitor.get(f"{ADMIN}cause/?q=long-name").text
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("letters", ["ligatures", "a letter that is a sentence"])
def test_a_long_name_makes_a_slug_or_a_new_tag_that_fits(site, database, letters):
    with Server(database, site.data) as server:
        someone = Someone(server, site.sessions[0], "Ann")
        answer, said = published(someone, "cause", {"name": [NAMES[letters]], "tags": [NAMES[letters][::-1]]})
        assert "Published in edition" in said, errors_in(answer)
        place = re.search(r'href="(/causes/[^/"]+/)"', said)
        assert place
        is_read(server, place[1], NAMES[letters])
    table.row(f"a long name that grows ({database.vendor})").trial("published under a slug of its own")


@pytest.mark.parametrize(("kind", "label"), [("cause", "Name"), ("tag", "Name"), ("source", "Title")])
def test_a_name_one_letter_too_long_is_refused_at_its_field(site, database, kind, label):
    name = NAMES["ligatures"] + "ﬃ"
    with Server(database, site.data) as server:
        someone = Someone(server, site.sessions[0], "Ann")
        for sent in ({"name": [name], "slug": ["too-long"]}, {"name": [name]}):
            answer, _ = published(someone, kind, sent)
            assert answer.status == 200
            assert label in errors_in(answer)
            assert f"Is {len(name)} characters long; shorten it to at most {NAME_LENGTH}" in errors_in(answer)
            assert name in answer.text
    table.row(f"a name one letter too long ({database.vendor})").trial("refused, the field named")
