"""No payload runs, whatever field it is typed into, on any page for readers or editors, in a real browser.

The tests open every type of page twice: with the content security policy, and without it, so that what stops
the payloads is how pages are written, and the policy is a second wall.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from markdown_it import MarkdownIt
from pytest_django.live_server_helper import LiveServer

from conditions.admin.autocomplete import CHOICES
from conditions.schema import SCHEMAS, FieldType, Kind
from tests.browser.chromium import CHROMIUM, running
from tests.security import hostile_content
from tests.security.hostile_content import TEXTS, HostileSite, slug
from tests.security.payloads import PAYLOADS

pytestmark = pytest.mark.browser

LOOK = Path(__file__).with_name("chromium.js").read_text()
POLICY = "Content Security Policy"
ALL = " ".join(text for text in TEXTS if "\0" not in text and "\ud800" not in text)
"""Every payload that can be sent, in one text."""


@pytest.fixture(scope="module")
def db(django_db_setup, django_db_blocker) -> Iterator[HostileSite]:
    """The hostile site, built once for this module; in the end the database is as it was.

    It has the name of pytest-django's fixture, which would empty the database after each test.
    """
    with django_db_blocker.unblock():
        before = connection.creation.serialize_db_to_string()
        yield hostile_content.build()
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)
        connection.creation.deserialize_db_from_string(before)
        _end_other_sessions()
        connection.close()


def _end_other_sessions() -> None:
    """A request that the browser broke off leaves its session open, and PostgreSQL then keeps the test database."""
    if connection.vendor == "postgresql":
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")


@pytest.fixture
def site(db: HostileSite) -> HostileSite:
    return db


@pytest.fixture(scope="module")
def server(db: HostileSite) -> Iterator[str]:
    live = LiveServer("127.0.0.1")
    yield live.url
    # A thread that still answers has the connection to a database that is about to be shared no more.
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=5)
    live.stop()


@pytest.fixture(scope="module")
def chromium(server: str) -> Iterator[Any]:
    """A browser, which is closed before the server stops."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with running() as browser:
        yield browser


@dataclass
class Tally:
    """What came of opening the pages of one type."""

    pages: int = 0
    seen: Counter[int] = field(default_factory=Counter)
    ran: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@dataclass
class Eye:
    """One page of the browser, which opens addresses and tallies what it sees by type of page."""

    page: Any
    server: str
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    ran: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.ran.append(f"script error: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _dialog(self, dialog: Any) -> None:
        if dialog.type == "beforeunload":  # ours: something that was typed is not saved
            dialog.accept()
            return
        self.ran.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, said: Any) -> None:
        if POLICY in said.text:
            self.ran.append(f"stopped by the policy only: {said.text}")

    def _request(self, request: Any) -> None:
        address = urlsplit(request.url)
        is_static = address.path.startswith(("/static/", "/admin/jsi18n/", "/admin/pick/"))
        if request.url == "data:," or (request.is_navigation_request() and not request.frame.parent_frame):
            return
        if f"{address.scheme}://{address.netloc}" != self.server or not is_static:
            self.ran.append(f"asked for {request.url[:100]}")

    def open(self, what: str, path: str, status: int = 200) -> None:
        """Open an address, and tally what is to be seen there."""
        answer = self.page.goto(f"{self.server}{path}", wait_until="load")
        assert answer.status == status, (path, answer.status)
        self.look(what)

    def look(self, what: str) -> None:
        """Tally what is to be seen now."""
        path = self.page.url.removeprefix(self.server)
        assert self.page.url.startswith(f"{self.server}/"), f"The page has gone to {self.page.url}"
        texts = [text if "\ud800" not in text else "\0" for text in TEXTS]
        found = self.page.evaluate(LOOK, [texts, path.startswith("/admin/")])
        tally = self.tallies[what]
        tally.pages += 1
        tally.seen.update(found["seen"])
        tally.foreign += [f"{path}: {each}" for each in found["foreign"]]
        tally.ran += [f"{path}: {each}" for each in self.ran if found["isOurs"] or POLICY not in each]
        self.ran.clear()

    def verdict(self, least: int, show: Any, title: str) -> None:
        """Print the table, and see that nothing ran and that at least so many payloads were to be seen."""
        rows = [(what, each.pages, len(each.seen), each.seen.total(), each.ran) for what, each in self.tallies.items()]
        print_table(show, title, rows)
        ran = [each for tally in self.tallies.values() for each in tally.ran]
        assert not ran, f"{len(ran)} times a payload did something:\n" + "\n".join(ran[:20])
        foreign = [each for tally in self.tallies.values() for each in tally.foreign]
        assert not foreign, f"{len(foreign)} times a payload is part of a page:\n" + "\n".join(foreign[:20])
        seen = set().union(*(tally.seen for tally in self.tallies.values()))
        assert len(seen) >= least, [name for place, name in enumerate(PAYLOADS) if place not in seen]


def print_table(show: Any, title: str, rows: list[tuple[str, int, int, int, list[str]]]) -> None:
    total = [sum(row[column] for row in rows) for column in (1, 3)]
    with show.disabled():
        print(f"\n\n{title}: {len(PAYLOADS)} payloads\n")
        print(f"{'':34}{'pages':>7}{'payloads':>10}{'shown':>8}{'ran':>5}")
        for what, pages, payloads, shown, ran in rows:
            print(f"{what:34}{pages:>7}{payloads:>10}{shown:>8}{len(ran):>5}")
        print(f"{'all':34}{total[0]:>7}{'':>10}{total[1]:>8}{sum(len(row[4]) for row in rows):>5}")


@pytest.fixture
def reader(chromium: Any, server: str) -> Iterator[Eye]:
    context = chromium.new_context()
    yield Eye(context.new_page(), server)
    context.close()


@pytest.fixture
def unguarded(chromium: Any, server: str, site: HostileSite) -> Iterator[Eye]:
    """An editor whose browser does not know of content security policies."""
    context = chromium.new_context(bypass_csp=True)
    log_in(context, server, site.superuser)
    yield Eye(context.new_page(), server)
    context.close()


@pytest.fixture
def editor(chromium: Any, server: str, site: HostileSite) -> Iterator[Eye]:
    context = chromium.new_context()
    log_in(context, server, site.superuser)
    yield Eye(context.new_page(), server)
    context.close()


def log_in(context: Any, server: str, user: Any) -> None:
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}])


# The payloads themselves, and what the verbs say to them

PLACES = (
    "<p>{}</p>",
    "<title>{}</title><p>{}</p>",
    '<input value="{}"><a href="{}">x</a>',
    "<input value='{}'><input value={}>",
    "<textarea>{}</textarea><noscript>{}</noscript>",
    '<script>[{{"a": "{}"}}]</script>',
    "<script>'{}'</script><!-- {} -->",
)
"""Where a careless page puts a text."""


def test_the_payloads_run_where_nothing_stops_them(chromium, capsys):
    """So that the other tests look for something that can happen."""
    context = chromium.new_context(bypass_csp=True)
    context.add_init_script("window.alert = () => { top.ran.add((window.frameElement ?? parent.frameElement).id) }")
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html"))
    page.goto("http://127.0.0.1:1/")
    page.evaluate("top.ran = new Set()")
    markdown = MarkdownIt("commonmark", {"html": True})
    markdown.validateLink = lambda url: True
    careless = [[place, where.format(text, text)] for place, text in enumerate(TEXTS) for where in PLACES]
    careless += [[place, markdown.render(text)] for place, text in enumerate(TEXTS)]
    page.evaluate(
        """async (careless) => {
            const leadsToScript = (one) => /^(javascript|data|vbscript):/.test(one.action ?? one.href);
            for (let start = 0; start < careless.length; start += 144) {
                const frames = careless.slice(start, start + 144).map(([place, text]) => {
                    const frame = document.createElement("iframe");
                    frame.id = place;
                    frame.srcdoc = `<!doctype html>${text}`;
                    return frame;
                });
                const loaded = frames.map((frame) => new Promise((resolve) => { frame.onload = resolve; }));
                document.body.append(...frames);
                await Promise.race([Promise.all(loaded), new Promise((resolve) => setTimeout(resolve, 3000))]);
                for (const frame of frames) {
                    // What waits for a click or for the focus has it now.
                    const seen = frame.contentDocument;
                    if ([...(seen?.links ?? []), ...(seen?.forms ?? [])].some(leadsToScript)) {
                        top.ran.add(frame.id);
                    }
                    seen?.querySelectorAll("[onfocus]").forEach((one) => one.dispatchEvent(new Event("focus")));
                    seen?.querySelectorAll("[onclick]").forEach((one) => one.click());
                }
                await new Promise((resolve) => setTimeout(resolve, 150));
                frames.forEach((frame) => frame.remove());
            }
        }""",
        careless,
    )
    ran = {int(place) for place in page.evaluate("[...top.ran]")}
    context.close()
    with capsys.disabled():
        print(f"\n\nOf {len(TEXTS)} payloads, {len(ran)} run where a page writes them down as they are.")
        print("Not in this browser:", ", ".join(name for place, name in enumerate(PAYLOADS) if place not in ran))
    assert len(ran) >= 30


def test_what_the_verbs_say(site, capsys):
    """Every field of every kind was tried; what may hold no text at all has refused every payload."""
    with capsys.disabled():
        print(f"\n\n{len(TEXTS)} payloads in {len(site.fields)} fields\n")
        print(f"{'':44}{'taken':>7}{'refused':>9}")
        for name in site.fields:
            print(f"{name:44}{site.taken[name]:>7}{site.refused[name]:>9}")
        print(f"{'all':44}{site.taken.total():>7}{site.refused.total():>9}")
    for kind, schema in SCHEMAS.items():
        for name in ("slug", *(one.name for one in schema.fields), *(f"{one.name}, note" for one in schema.relations)):
            field = f"{kind.value}: {name}"
            assert site.taken[field] + site.refused[field] == len(TEXTS), field
            if name in ("slug", "group", "published", "accessed", "retrieved", "carries_nothing", "on_home"):
                assert site.taken[field] == 0, field
            elif name not in ("codes", "url"):
                is_verbatim = any(one.name == name and one.type is FieldType.VERBATIM for one in schema.fields)
                may_cite = any(one.name == name and one.cites for one in schema.fields)
                words = f"{field}: null, half a character; form feed where no line end is made of it; no citation"
                assert site.refused[field] == (3 if is_verbatim or may_cite else 2), words


# The pages


def entry_pages(every: int = 1) -> Iterator[tuple[str, str]]:
    """Every payload on the pages of two kinds and on one page of the others, which are made of the same parts."""
    others = (Kind.SYMPTOM, Kind.TREATMENT, Kind.CAUSE, Kind.TAG, Kind.SOURCE, Kind.TERM)
    for place in range(0, len(TEXTS), every):
        for kind in (Kind.CONDITION, Kind.QUESTION, others[place // every % len(others)]):
            yield kind.value, f"/{kind.plural}/{slug(kind, place)}/"


def list_pages() -> Iterator[tuple[str, str]]:
    for kind in Kind:
        yield "list", f"/{kind.plural}/"
    for place in range(17, len(TEXTS), 5):
        yield "list by tag", f"/conditions/?tag={slug(Kind.TAG, place)}"
    yield from (("home", "/"), ("A to Z", "/a-z/"), ("A to Z", "/a-z/?letter=i"), ("A to Z", "/a-z/?letter=s"))
    yield from (("about", "/about/"), ("machines", "/sitemap.xml"), ("machines", "/robots.txt"))


def search_pages(every: int = 1) -> Iterator[tuple[str, str]]:
    yield from (("search, found", f"/search/?q=alert&page={page}") for page in range(1, 4))
    yield "search, asked", f"/search/?{urlencode({'q': ALL})}"
    for text in TEXTS[::every]:
        yield "search, asked", f"/search/?{urlencode({'q': text.encode('utf-8', 'replace'), 'kind': 'tag'})}"


def history_pages() -> Iterator[tuple[str, str]]:
    for kind in hostile_content.REVISED:
        yield from (("history", f"/{kind.plural}/{slug(kind, 0)}/history/?page={page}") for page in range(1, 4))
    old = f"/conditions/{slug(Kind.CONDITION, 0)}/history"
    yield from (("old version", f"{old}/{number}/") for number in range(1, 52, 8))
    yield from (("changes", f"/changes/?page={page}") for page in range(1, 7))
    yield from (("edition", f"/changes/{number}/") for number in range(1, 52, 8))


def walk(eye: Eye, pages: Iterator[tuple[str, str]], status: int = 200) -> None:
    for what, path in pages:
        eye.open(what, path, status)


def gone(every: int = 1) -> Iterator[tuple[str, str]]:
    return (("withdrawn", f"/causes/gone-{place}/") for place in range(0, len(TEXTS), every))


TAKEN = len(TEXTS) - 3
"""Payloads that the fields of entries take."""


def test_readers_pages(reader, capsys):
    walk(reader, entry_pages())
    walk(reader, list_pages())
    walk(reader, search_pages(6))
    walk(reader, history_pages())
    walk(reader, gone(2), 410)
    walk(reader, (("no page", f"/{quote(text)}/") for text in TEXTS[::6]), 404)
    reader.verdict(TAKEN, capsys, "Pages for readers")


def test_readers_pages_without_the_policy(unguarded, capsys):
    walk(unguarded, entry_pages(5))
    walk(unguarded, list_pages())
    walk(unguarded, search_pages(8))
    walk(unguarded, history_pages())
    walk(unguarded, gone(5), 410)
    unguarded.verdict(TAKEN, capsys, "Pages for readers, without the policy")


# The admin


def of_entry(entry: Any, name: str) -> str:
    return reverse(f"admin:conditions_{entry.kind.value}_{name}", args=[entry.pk])


def admin_lists() -> Iterator[tuple[str, str]]:
    yield "index", "/admin/"
    for kind in Kind:
        path = f"/admin/conditions/{kind.value}/"
        yield from (("list", f"{path}?p={page}") for page in (1, 2))
        yield "list, searched", f"{path}?{urlencode({'q': ALL[:3000], 'state': '<script>', 'tag': ALL[:300]})}"
    yield from (("list of all", f"/admin/entries/?page={page}") for page in range(1, 9))
    yield "list, searched", f"/admin/entries/?{urlencode({'q': ALL[:3000], 'kind': '<svg/onload=alert(1)>'})}"
    yield "deleted entries", "/admin/deleted-entries/"
    yield "coverage", "/admin/coverage/"
    yield "unfound", "/admin/unfound/"
    yield "editions", "/admin/editions/"
    yield "log", "/admin/log/?kind=condition&did=noted"
    yield from (("log", f"/admin/log/?kind={kind.value}") for kind in Kind)
    yield "log, searched", f"/admin/log/?{urlencode({'q': ALL[:3000], 'who': '<script>', 'before': 'v9'})}"
    yield from (("edition", f"/admin/editions/{number}/") for number in (1, 2))
    yield "undo", "/admin/editions/1/undo/"
    yield "users", "/admin/auth/user/"


def admin_pages(site: HostileSite, every: int = 1) -> Iterator[tuple[str, str]]:
    kinds = list(Kind)
    for place in range(0, len(TEXTS), every):
        yield "form", of_entry(site.entries[kinds[place // every % len(kinds)], place], "change")
    for kind in kinds:
        yield "form, with a draft and a proposal", of_entry(site.entries[kind, 1], "change")
        yield from ((name, of_entry(site.entries[kind, 17], name)) for name in ("delete", "withdraw", "uses"))
        views = ("history", "differences", "preview", "discard", "send_review", "share", "schedule", "correct")
        yield from ((name, of_entry(site.entries[kind, 1], name)) for name in views)
        yield "publish several", f"/admin/publish/?page={site.entries[kind, 1].page_id}"
    yield "targets", of_entry(site.entries[Kind.CONDITION, 17], "targets")
    yield "merge", of_entry(site.entries[Kind.TAG, 17], "merge")
    for kind in hostile_content.REVISED:
        yield from (("history", f"{of_entry(site.entries[kind, 0], 'history')}?page={page}") for page in (1, 2))
    user = site.superuser
    yield from (("users", f"/admin/auth/user/{pk}/change/") for pk in range(user.pk + 20, user.pk + 26, 3))


def picked(eye: Eye, of: str, page: int) -> None:
    """Open an answer to a picker as if it were a page: it is data, whichever way it is asked for."""
    answer = eye.page.goto(f"{eye.server}/admin/pick/{of}/?term=alert&page={page}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    names = " ".join(one["text"] for one in json.loads(answer.text())["results"])
    tally = eye.tallies["picks"]
    tally.pages += 1
    tally.seen.update(place for place, text in enumerate(TEXTS) if " ".join(text.split()) in names)
    tally.ran += eye.ran
    eye.ran.clear()


def test_editors_pages(editor, site, capsys):
    walk(editor, admin_lists())
    walk(editor, admin_pages(site, 2))
    for of in CHOICES:
        for page in (1, 2, 3):
            picked(editor, of, page)
    editor.verdict(TAKEN, capsys, "Pages of the admin")


def test_editors_pages_without_the_policy(unguarded, site, capsys):
    walk(unguarded, islice(admin_lists(), 0, None, 2))
    walk(unguarded, admin_pages(site, 9))
    for of in CHOICES:
        picked(unguarded, of, 1)
    unguarded.verdict(TAKEN, capsys, "Pages of the admin, without the policy")


# What the admin sends back: forms that it refuses, and what it says once something is done

TYPE = """(text) => {
    const form = document.querySelector("form.entry");
    for (const control of form.querySelectorAll("input[type=text], textarea")) {
        if (!control.disabled && !control.dataset.name) {
            control.value = text;
        }
    }
    for (const {dataset} of form.querySelectorAll("[data-multiple]")) {
        form.append(Object.assign(document.createElement("input"), {name: dataset.name, value: text, hidden: true}));
    }
}"""


def press(eye: Eye, what: str, button: str) -> None:
    with eye.page.expect_navigation(wait_until="load"):
        eye.page.evaluate("button => document.querySelector(`button${button}`).click()", button)
    eye.look(what)


def sent_back(eye: Eye, site: HostileSite, kinds: list[Kind]) -> None:
    """Forms come back with what was typed: all payloads in each field; then what conflicts with someone else's text."""
    for kind in kinds:
        eye.page.goto(eye.server + of_entry(site.entries[kind, 17], "change"))
        eye.page.evaluate(TYPE, ALL)
        press(eye, "form, refused", "[name=_savedraft]")
        assert eye.page.locator(".errornote").count() == 1
    for kind in hostile_content.REVISED:
        eye.page.goto(eye.server + of_entry(site.entries[kind, 0], "change"))
        eye.page.evaluate("document.querySelector('[name=base_version]').value = 1")
        eye.page.evaluate(TYPE, "Mine")
        eye.page.evaluate("slug => document.querySelector('[name=slug]').value = slug", slug(kind, 0))
        eye.page.evaluate(
            "document.querySelectorAll('form.entry .chosen, form.entry > input').forEach((one) => one.remove())"
        )
        press(eye, "form, clashing", "[name=_savedraft]")


def previewed(eye: Eye, site: HostileSite, places: range) -> None:
    """The whole page as typed, before anything is saved."""
    for place in places:
        eye.page.goto(eye.server + of_entry(site.entries[Kind.CONDITION, 17], "change"))
        eye.page.evaluate("document.querySelector('#symptoms-0 [name=_open]').click()")
        names = ("name", "also_called", "summary", "body", "help_now", "help_soon", "self_care", "symptoms-0-note")
        for name in names:
            eye.page.evaluate(
                "([name, text]) => document.getElementById(name).value = text", [f"id_{name}", TEXTS[place]]
            )
        eye.page.evaluate("document.querySelector('[name=_preview]').removeAttribute('formtarget')")
        press(eye, "preview, as typed", "[name=_preview]")
        assert "/preview/" in eye.page.url
        assert eye.page.title().startswith("Preview: ")


def told(eye: Eye, site: HostileSite, places: range) -> None:
    """The messages: published, refused for want of a summary, not deleted, not withdrawn; and the open pickers."""
    for place in places:
        eye.page.goto(eye.server + of_entry(site.entries[Kind.SYMPTOM, place], "change"))
        eye.page.evaluate("document.querySelector('[name=also_called]').value += ' and more'")
        press(eye, "told: published", "[name=_publish]")
        eye.page.evaluate("document.querySelector('[name=summary]').value = ''")
        press(eye, "told: not published", "[name=_publish]")
    for kind in (Kind.TAG, Kind.SOURCE, Kind.QUESTION, Kind.CAUSE):
        eye.page.goto(eye.server + of_entry(site.entries[kind, places[0]], "delete"))
        if eye.page.locator("button.filled").count():
            press(eye, "told: not deleted", ".filled")
        eye.look("told: not deleted")
    eye.page.goto(eye.server + of_entry(site.entries[Kind.QUESTION, 21], "withdraw"))
    eye.page.fill("[name=reason]", ALL)
    picked = "{type: 'checkbox', name: 'instead', value: '<script>', checked: true}"
    eye.page.evaluate(f"document.forms.withdraw_form.append(Object.assign(document.createElement('input'), {picked}))")
    press(eye, "form, refused", ".filled")


def pickers(eye: Eye, site: HostileSite) -> None:
    """What is typed into a picker, and what it finds, are words in its list."""
    eye.page.goto(eye.server + of_entry(site.entries[Kind.CONDITION, 17], "change"))
    eye.page.click("#symptoms-0 [name=_open]")
    for control in ("sources", "tags", "symptoms-0-target"):
        eye.page.click(f"#id_{control}")
        for text in ("alert", *(TEXTS[place] for place in (0, 3, 6, 18))):
            with eye.page.expect_response("**/admin/pick/**term=**"):
                eye.page.fill(f"#id_{control}", text)
            eye.page.wait_for_selector("[role=status]:has-text('found'), [role=status]:has-text('first')")
            eye.look("picker, open")
        eye.page.keyboard.press("Escape")
    eye.page.wait_for_load_state("networkidle")


def test_what_the_admin_sends_back(unguarded, site, capsys):
    sent_back(unguarded, site, list(Kind))
    previewed(unguarded, site, range(0, 30, 5))
    told(unguarded, site, range(3, 30, 9))
    pickers(unguarded, site)
    unguarded.verdict(TAKEN, capsys, "What the admin sends back, without the policy")
