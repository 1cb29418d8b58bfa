"""Links to previews: who makes and ends them, what they show to whom, when they stop, and that nobody keeps a page."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import publishing
from conditions.models import Decision
from conditions.page_cache import PageCache
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, address, keep
from tests.kept import OwnCheck, ask, cached, kept_keys
from tests.world import World

SHARED, UNSHARED = Decision.Verb.SHARE, Decision.Verb.UNSHARE


def links_on(editor: Editor, entry: Any) -> list[str]:
    """The paths of the links that the page lists, the newest first."""
    text = str(editor.get(entry, "share").content.decode())
    found = [
        html.unescape(one) for one in re.findall(r"readonly[^>]*>http://testserver(/preview/[^<]+)</textarea>", text)
    ]
    assert text.count("readonly") == len(found)
    return found


def make(editor: Editor, entry: Any, shows: str = "newest") -> str:
    """Make a link on its page; its path."""
    answer = editor.post(entry, "share", shows=shows)
    assert "The link was made, and works until" in answer.content.decode()
    return links_on(editor, entry)[0]


def revoke(editor: Editor, entry: Any, place: int = 0) -> str:
    """Press the button beside a link; what is said."""
    ids = re.findall(r'name="revoke" value="(\d+)"', editor.get(entry, "share").content.decode())
    return str(editor.post(entry, "share", revoke=ids[place]).content.decode())


def read(path: str, **extra: Any) -> Any:
    """Somebody without an account opens a link."""
    answer = Client(enforce_csrf_checks=True).get(path, **extra)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    text = answer.content.decode()
    assert "/admin/" not in text
    assert '<meta name="robots" content="noindex">' in text
    assert f"/preview/{path.split('/')[2]}" not in text, "the page does not say its own address"
    return answer


def words(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())))


def is_refused(answer: Any) -> bool:
    """Whether a link does not work; all that do not say the same, so that none tells more than another."""
    refused = answer.status_code == 404
    assert refused == ("This link does not work" in words(answer))
    if refused:
        assert answer.content == read("/preview/no-such-link/").content
    return bool(refused)


@pytest.fixture
def droop(world: World, author: Editor) -> Any:
    """A live entry with a draft."""
    author.open(world.droop).send(summary="Half the face hangs.")
    return world.droop


class TestWhatALinkShows:
    def test_the_newest_version_to_who_has_no_account(self, droop: Any, author: Editor):
        said = words(read(make(author, droop)))
        assert "Draft, not published: version 2. This link works until" in said
        assert "Half the face hangs." in said
        assert "2, not published" in said
        assert "Half the face hangs." not in words(Client().get("/symptoms/facial-droop/"))

    def test_what_readers_see_if_that_was_chosen(self, droop: Any, author: Editor):
        said = words(read(make(author, droop, "live")))
        assert "Published: version 1. This link works until" in said
        assert "One side of the face hangs down." in said

    def test_of_what_was_never_published(self, world: World, author: Editor):
        said = words(read(make(author, world.stroke)))
        assert "Draft, not published: version 1." in said
        assert "The blood supply to the brain fails." in said

    def test_what_is_saved_and_published_later(self, droop: Any, author: Editor, publisher: Editor):
        newest, live = make(author, droop), make(author, droop, "live")
        author.open(droop).send(summary="Half of it hangs.")
        assert "version 3. This link" in words(read(newest))
        assert "Half of it hangs." in words(read(newest))
        assert "version 1. This link" in words(read(live))
        publisher.open(droop).send("_publish", summary="One half hangs.")
        assert [words(read(one)).count("Published: version 4.") for one in (newest, live)] == [1, 1]

    def test_when_it_ends(self, droop: Any, author: Editor, settings):
        settings.TIME_ZONE = "Pacific/Auckland"
        path, due = make(author, droop), Decision.objects.get(verb=SHARED).due
        assert due is not None
        said = f"{timezone.localtime(due):%-d %B %Y, %H:%M} NZ"
        assert f"This link works until {said}" in words(read(path))
        assert f"Works until {said}" in words(author.get(droop, "share"))

    def test_nothing_of_other_drafts(self, world: World, author: Editor):
        """Neither the names of entries that are drafts, nor tags and sources that would be published with this one."""
        keep(
            "source",
            "unseen",
            "Unseen source",
            publisher="Secret publisher",
            excerpt=["Secret words."],
            url="https://x.example/a",
            accessed="2026-11-01",
        )
        form = author.open(world.bell)
        sent = form.send(
            tags=["one-side", "Unseen tag"],
            body='It is so. [@unseen "Secret words."]',
            sources=["health-service", "unseen"],
        )
        assert "Saved as version 2" in sent.messages, sent.errors
        shown = author.get(world.bell, "preview").content.decode()
        assert [one in shown for one in ("Unseen tag", "Secret publisher", "Stroke")] == [True, True, True]
        answer = read(make(author, world.bell))
        assert "It is so." in words(answer)
        assert "What leads to pages that are not published is left out here." in words(answer)
        for secret in ("Unseen tag", "Secret", "Stroke", "/conditions/stroke/", "cannot be published"):
            assert secret not in answer.content.decode(), secret

    def test_nothing_is_said_to_be_left_out_where_nothing_is(self, droop: Any, author: Editor):
        assert "left out here" not in words(read(make(author, droop)))

    @pytest.mark.parametrize("name", ["bell", "droop", "eye_care", "virus", "warning", "one_side", "service", "nerve"])
    def test_every_kind(self, world: World, author: Editor, name: str):
        entry = getattr(world, name)
        assert entry.name in words(read(make(author, entry)))


class TestWhenALinkStops:
    def test_after_seven_days(self, droop: Any, author: Editor, monkeypatch):
        path, now = make(author, droop), timezone.now()
        for days, stops in ((6.99, False), (7.01, True)):
            monkeypatch.setattr("django.utils.timezone.now", lambda days=days: now + timedelta(days=days))
            assert is_refused(read(path)) is stops
        assert Decision.objects.filter(verb=UNSHARED).count() == 0

    def test_an_old_one_is_listed_no_more(self, droop: Any, author: Editor):
        make(author, droop)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE conditions_decision SET due = %s", [timezone.now() - timedelta(minutes=1)])
        assert links_on(author, droop) == []

    def test_once_it_is_revoked_and_no_other_does(self, droop: Any, author: Editor, publisher: Editor):
        first, second = make(author, droop), make(author, droop)
        assert links_on(publisher, droop) == [second, first]
        assert "The link was revoked." in revoke(publisher, droop, place=1)
        assert [is_refused(read(one)) for one in (first, second)] == [True, False]
        assert links_on(author, droop) == [second]

    def test_revoking_twice_is_revoking_once(self, droop: Any, author: Editor):
        make(author, droop)
        link = Decision.objects.get(verb=SHARED)
        revoke(author, droop)
        assert "That link had ended already." in author.post(droop, "share", revoke=link.pk).content.decode()
        publishing.unshare(link=link, by=author.user)
        assert Decision.objects.filter(verb=UNSHARED).count() == 1

    def test_a_link_of_another_entry_is_not_revoked(self, world: World, droop: Any, author: Editor):
        path, link = make(author, droop), Decision.objects.get(verb=SHARED)
        author.post(world.bell, "share", revoke=link.pk)
        assert not is_refused(read(path))

    def test_forged(self, droop: Any, author: Editor):
        path, link = make(author, droop), Decision.objects.get(verb=SHARED)
        make(author, droop)
        token = path.split("/")[2]
        number, _, signature = token.partition(".")
        other = signing.Signer(salt="another", sep=".").sign(number)
        forged = [
            f"{link.pk + 1}.{signature}",
            number,
            f"{number}.",
            f"{number}:{signature}",
            other,
            token.lower(),
            "%00",
        ]
        assert [is_refused(read(f"/preview/{one}/")) for one in forged] == [True] * len(forged)

    def test_signed_for_what_is_no_link(self, droop: Any, author: Editor):
        make(author, droop)
        revoke(author, droop)
        ended = Decision.objects.get(verb=UNSHARED)
        assert is_refused(read(f"/preview/{publishing.token_of(ended)}/"))

    def test_while_the_entry_is_deleted(self, world: World, author: Editor, publisher: Editor):
        entry = keep("cause", "spare", "Spare", summary="So.")
        path = make(author, entry)
        publisher.post(entry, "delete")
        assert is_refused(read(path))

    def test_of_what_readers_see_while_the_page_is_withdrawn(self, droop: Any, author: Editor, publisher: Editor):
        newest, live = make(author, droop), make(author, droop, "live")
        publishing.withdraw(pages=[droop.page], by=SYSTEM, reason="Old.")
        assert is_refused(read(live))
        assert "Draft, not published: version 2." in words(read(newest))
        assert "What readers see: nothing, until the page is published again" in words(author.get(droop, "share"))


class TestHowALinkIsAnswered:
    def test_by_get_and_head_alone(self, droop: Any, author: Editor):
        path = make(author, droop)
        outside = Client(enforce_csrf_checks=True)
        head = outside.head(path)
        assert (head.status_code, head.content, head["Cache-Control"]) == (200, b"", "no-store")
        for method in ("post", "put", "delete", "patch"):
            answer = getattr(outside, method)(path)
            assert (answer.status_code, answer["Cache-Control"]) == (405, "no-store")

    def test_without_the_last_slash_too(self, droop: Any, author: Editor):
        path = make(author, droop)
        assert read(path.removesuffix("/")).content == read(path).content

    def test_in_capitals_it_is_another_address_and_none(self, droop: Any, author: Editor):
        assert Client().get(make(author, droop).upper()).status_code == 404

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_past_the_page_cache(self, droop: Any, author: Editor, slash: str):
        path, cache = make(author, droop).removesuffix("/") + slash, cached()
        for wanted in (path, f"{path}?x=1", f"/preview/nothing{slash}"):
            before = kept_keys(cache)
            answers = [ask(cache, wanted) for _ in range(2)]
            assert [(one.cache, one.headers["Cache-Control"]) for one in answers] == [("", "no-store")] * 2
            assert "ETag" not in answers[0].headers
            assert kept_keys(cache) == before

    def test_from_the_primary(self, droop: Any, author: Editor):
        """The cache alone asks the replica, and leaves with the request what it said. It is not asked."""
        path, asked = make(author, droop), []

        class Noting(OwnCheck):
            def newest(self) -> Any:
                asked.append(1)
                return super().newest()

        answer = ask(PageCache(WSGIHandler(), Noting()), path)
        assert (answer.status, asked) == (200, [])

    def test_by_reading_alone(self, droop: Any, author: Editor):
        paths = [make(author, droop), make(author, droop, "live"), "/preview/no-such-link/"]
        with CaptureQueriesContext(connection) as queries:
            for path in paths:
                read(path)
        statements = [query["sql"] for query in queries]
        assert len(statements) <= 10 + 10 + 2
        assert [sql for sql in statements if not sql.startswith("SELECT") or "FOR UPDATE" in sql] == []

    def test_by_as_many_queries_however_long_the_page_is(self, world: World, author: Editor):
        path, counts = make(author, world.bell), []
        for number in range(2):
            form = author.open(world.bell)
            for place in range(number * 5):
                entry = keep("symptom", f"s-{place}", f"S {place}", summary="So.")
                form.add_row("symptoms", target=entry.slug, evidence=["early-signs"])
            form.send(summary=f"Weak {number}.")
            with CaptureQueriesContext(connection) as queries:
                read(path)
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_and_the_log_does_not_say_it(self, droop: Any, author: Editor, caplog, monkeypatch):
        monkeypatch.setattr("facehealth.logs.logger.level", 20)
        path = make(author, droop)
        with caplog.at_level("INFO", logger="facehealth.requests"):
            read(path)
            Client().post(path)
        assert [one.pairs["path"] for one in caplog.records if hasattr(one, "pairs")] == ["/preview/*/"] * 2


class TestWhoMakesAndRevokes:
    def test_the_form_leads_to_it_for_who_may(self, droop: Any, author: Editor, reviewer: Editor):
        assert f'<a href="{address(droop, "share")}">Share a preview…</a>' in author.open(droop).text
        assert "Share a preview" not in reviewer.open(droop).text

    def test_a_reviewer_neither_makes_nor_reads_nor_ends_one(self, droop: Any, author: Editor, reviewer: Editor):
        path, link = make(author, droop), Decision.objects.get(verb=SHARED)
        assert reviewer.get(droop, "share").status_code == 403
        assert reviewer.client.post(address(droop, "share"), {"shows": "newest"}).status_code == 403
        assert reviewer.client.post(address(droop, "share"), {"revoke": link.pk}).status_code == 403
        assert Decision.objects.count() == 1
        assert not is_refused(read(path))

    def test_the_verbs_ask_themselves(self, droop: Any, author: Editor, reviewer: Editor):
        make(author, droop)
        with pytest.raises(publishing.NotAllowed):
            publishing.share(entry=droop, shows=publishing.Shows.NEWEST, by=reviewer.user)
        with pytest.raises(publishing.NotAllowed):
            publishing.unshare(link=Decision.objects.get(), by=reviewer.user)

    def test_the_list_says_who_made_it_and_what_it_shows(self, droop: Any, author: Editor, publisher: Editor):
        make(author, droop)
        make(publisher, droop, "live")
        said = words(author.get(droop, "share"))
        assert re.search(
            r"What readers see http\S+ Works until .* Made by publisher, .* The newest version http\S+ Works until",
            said,
        )
        assert "Made by author, " in said

    def test_what_readers_see_is_offered_where_they_see_something(self, world: World, author: Editor):
        assert 'value="live"' in author.get(world.droop, "share").content.decode()
        assert 'value="live"' not in author.get(world.stroke, "share").content.decode()
        said = author.post(world.stroke, "share", shows="live").content.decode()
        assert "No link was made:" in said
        assert "Stroke: readers do not see it." in said
        assert Decision.objects.count() == 0

    def test_nothing_to_share_before_there_is_a_version(self, world: World, author: Editor):
        entry = type(world.virus).objects.create(slug="bare", name="Bare")
        assert "Save the draft first." in words(author.get(entry, "share"))
        assert "it has no version yet; save the draft first." in words(author.post(entry, "share"))
        assert Decision.objects.count() == 0

    def test_a_link_is_in_no_record_and_changes_nothing_for_readers(self, droop: Any, author: Editor):
        before = publishing.newest_edition(), publishing.newest(droop.page)
        make(author, droop)
        revoke(author, droop)
        assert (publishing.newest_edition(), publishing.newest(droop.page)) == before
