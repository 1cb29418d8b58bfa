"""Choosing entries by name: what can be picked, what a picked value is called, and the answers to what is typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from itertools import chain
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from conditions import prose, publishing
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Page, Version
from conditions.schema import (
    CITED,
    FIELDS,
    LOOKED_UP,
    NAME_LENGTH,
    QUOTED,
    REFERENCES,
    SCHEMAS,
    FieldType,
    Kind,
    ReferenceField,
    reference_to,
)
from conditions.statements import quotable

M = TypeVar("M", bound=models.Model)
Called = tuple[int, str, str, *tuple[list[str], ...]]
"""Key, slug, name, and other names where its kind has any."""
Hit = tuple[int, str, int, str, str, str]
"""Whether it is found by words beside its names, kind, key, slug, name and excerpt."""

LIVE = "live"
"""Live pages that readers look up: values are references, "conditions/bells-palsy"."""

CHOICES: dict[str, tuple[Kind, ...]] = {
    **{kind.value: (kind,) for kind in Kind},
    **{field.name: field.kinds for field in REFERENCES.values() if len(field.kinds) > 1},
    LIVE: (*LOOKED_UP, Kind.QUESTION),
}
"""What can be chosen from, by the name that widgets and addresses give it: the kinds."""


def choices_of(field: ReferenceField) -> str:
    """The name of what a field chooses from."""
    return field.name if len(field.kinds) > 1 else field.kinds[0].value


MOST_FOUND = 50
"""Entries that are listed at once; who wants others types more of their name."""

EXCERPT = 400

MOST_NEAR = 5
TELLING = 4
"""Letters of a word that may tell that two tags mean the same."""

MOST_WORDS = 12
"""Words of what was typed that count."""

_APOSTROPHES = re.compile(f"[{prose.APOSTROPHES}]+")
_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?/?(?:([a-z]+)/)?([-a-zA-Z0-9_]+)/?")
_WORDS = re.compile(rf"[\w{prose.APOSTROPHES}]+")


def _typed_words(typed: str) -> list[str]:
    """The words that were typed, every run of apostrophes written as one; those that are nothing else left out."""
    words = _APOSTROPHES.sub("'", prose.canonical_line(typed.replace("\0", ""))).split()
    return [word for word in words if word != "'"][:MOST_WORDS]


def _spelling(word: str) -> str:
    """A pattern of how a word can be written: with any apostrophe or none, in any case, or escaped as in JSON."""
    return "".join(map(_any_way, word))


def _any_way(char: str) -> str:
    is_apostrophe = char == "'"
    written = set(prose.APOSTROPHES) if is_apostrophe else {char, char.lower(), char.upper()}
    # SQLite keeps a list as JSON text, in which letters beyond ASCII are escaped.
    each = {re.escape(way) for one in written for way in (one, json.dumps(one)[1:-1])}
    return f"(?:{'|'.join(sorted(each))}){'?' if is_apostrophe else ''}"


def _holds(field: str, word: str) -> Q:
    """Whether a field holds a typed word. The databases' own search knows the case of ASCII letters only."""
    if word.isascii() and "'" not in word:
        return Q(**{f"{field}__icontains": word})
    return Q(**{f"{field}__iregex": _spelling(word)})


def _is_named(model: type[models.Model], word: str) -> Q:
    """Whether the name, slug or another name of an entry of that model holds a typed word."""
    found = _holds("name", word) | Q(slug__icontains=word)
    if slug := prose.slug_of(word):
        found |= Q(slug__icontains=slug)
    for others in _other_names(model):
        found |= _holds(others, word)
        if not word.isascii() or json.dumps(word)[1:-1] != word:
            found |= Q(**{f"{others}__icontains": json.dumps(word)[1:-1]})
    return found


OTHER_NAMES = tuple(name for name, field in FIELDS.items() if field.type is FieldType.LINES)


def _other_names(model: type[models.Model]) -> tuple[str, ...]:
    """The fields of a model that hold other names. Versions have all of them, as annotations."""
    has = {field.name for field in model._meta.fields}
    return OTHER_NAMES if model is Version else tuple(name for name in OTHER_NAMES if name in has)


def matching(entries: QuerySet[M], typed: str) -> QuerySet[M]:
    """The desk entries whose name, slug or another name holds each of the words that were typed.

    Or versions, where these are annotations of what they say.
    """
    for word in _typed_words(typed):
        entries = entries.filter(_is_named(entries.model, word))
    return entries


def _matching_words(entries: QuerySet[M], typed: str, field: str) -> QuerySet[Any]:
    """The same, and those that hold some of the words in a field. `by_words`: 0 if the names hold them all, else 1."""
    named, anywhere = Q(), Q()
    for word in _typed_words(typed):
        is_named = _is_named(entries.model, word)
        named &= is_named
        anywhere &= is_named | _holds(field, word)
    by_words = Case(When(named, then=0), default=1) if named else Value(0)
    return entries.filter(anywhere).annotate(by_words=by_words)


def value_of(of: str, kind: str, slug: str) -> str:
    """What is picked when an entry is: its slug, or where kinds mix, its reference."""
    return reference_to(Kind(kind), slug) if of not in set(Kind) else slug


def text_of(of: str, kind: str, name: str) -> str:
    return f"{name} ({Kind(kind).label})" if of not in set(Kind) else name


def names_of(of: str, values: Iterable[str]) -> dict[str, str]:
    """The names of picked values that are entries; one query for each kind that may be picked."""
    slugs = {value.rpartition("/")[2] for value in values if "\0" not in value}
    if not slugs:
        return {}
    found: dict[str, str] = {}
    for kind in CHOICES[of]:
        named = desk.entries(kind).filter(slug__in=slugs).values_list("slug", "name")
        found |= {value_of(of, kind, slug): text_of(of, kind, name) for slug, name in named}
    return found


@dataclass(frozen=True)
class Document:
    """A document or source that was picked, and the words in it that can be quoted."""

    kind: Kind
    pk: int
    slug: str
    name: str
    text: str

    @property
    def url(self) -> str:
        return _url(self.kind, self.pk)


def documents(of: Kind, slugs: Iterable[str]) -> dict[str, Document]:
    """The documents, or the sources, of those slugs that there are, in one query."""
    wanted = {slug for slug in slugs if "\0" not in slug}
    found = desk.entries(of).filter(slug__in=wanted) if wanted else desk.entries(of).none()
    return {
        slug: Document(of, pk, slug, name, quotable({"kind": of, QUOTED[of]: said}))
        for pk, slug, name, said in found.values_list("pk", "slug", "name", QUOTED[of])
    }


def _url(kind: Kind | str, pk: int) -> str:
    return reverse(f"admin:conditions_{Kind(kind).value}_change", args=[pk])


def _item(of: str, kind: Kind | str, pk: int, slug: str, name: str) -> Item:
    item = {"id": value_of(of, kind, slug), "text": text_of(of, kind, name)}
    return item | {"url": _url(kind, pk)} if of in CITED else item


# What is typed in full: a name or an address


MOST_CALLED = 160
"""Texts that are looked up at once."""
LONGEST_RUN = 4
"""Pieces between commas that can be one name."""

Item = dict[str, str]
"""What a combobox wants to know of something to pick: its value as `id`, its text, perhaps its words and address."""


def called(of: str, typed: Iterable[str], kinds: Iterable[Kind] = ()) -> dict[str, list[Item]]:
    """What can be picked and is called as typed, by what was typed: one query for each kind.

    An address comes before a name, a name before another name; names are compared by their fold.
    """
    texts = [text for text in dict.fromkeys(typed) if not prose.has_control_characters(text)]
    texts = [text for text in texts if len(text) <= NAME_LENGTH][:MOST_CALLED]
    ranked: dict[str, list[tuple[int, Item]]] = {text: [] for text in texts}
    for kind in (kinds or CHOICES[of]) if texts else ():
        for pk, slug, name, *others in _perhaps_called(of, kind, texts):
            for text in texts:
                rank = _rank(text, kind, slug, {name, text_of(of, kind, name)}, [*chain(*others)])
                if rank is not None:
                    ranked[text].append((rank, _item(of, kind, pk, slug, name)))
    best = {text: min(rank for rank, _ in found) for text, found in ranked.items() if found}
    return {text: [one for rank, one in ranked[text] if rank == best[text]] for text in best}


def _pickable(of: str, kind: Kind) -> QuerySet[Page] | QuerySet[VersionedEntry]:
    return Page.objects.live().filter(kind=kind) if of == LIVE else desk.entries(kind)


def _perhaps_called(of: str, kind: Kind, texts: list[str]) -> Iterable[Called]:
    """(key, slug, name, other names) of the entries of a kind that may be called so; the longest words tell."""
    entries = _pickable(of, kind)
    perhaps = Q(slug__in=[slug for text in texts for slug in (_address(text)[1], prose.slug_of(text))])
    for text in texts:
        name = text.lower().removesuffix(f"({kind.label})")
        words = sorted(_WORDS.findall(_APOSTROPHES.sub("'", name)), key=len)[-3:]
        if words := [word for word in words if word != "'"]:
            perhaps |= Q(*(_is_named(entries.model, word) for word in words))
    others = _other_names(entries.model)
    return entries.filter(perhaps).order_by("name", "slug").values_list("pk", "slug", "name", *others)


def _address(typed: str) -> tuple[str, str]:
    """The kind (or nothing) and the slug in what may be an address: "earache", "/symptoms/earache/"."""
    found = _ADDRESS.fullmatch(typed.strip())
    return (found[1] or "", found[2]) if found else ("", "")


def _rank(typed: str, kind: Kind, slug: str, names: set[str], others: Iterable[str]) -> int | None:
    """How well an entry is called what was typed, 0 is best; None if it is not."""
    folder, address = _address(typed)
    if address == slug and folder in ("", kind.plural):
        return 0
    key = prose.fold(typed)
    if prose.canonical_line(typed) in names:
        return 1
    if prose.signs(typed) not in map(prose.signs, (*names, *others)):
        return None
    if key and key in map(prose.fold, names):
        return 2
    if key and slug == prose.slug_of(typed):
        return 3
    return 4 if key and key in map(prose.fold, others) else None


def split(of: str, typed: str, kinds: Iterable[Kind] = ()) -> list[tuple[str, list[Item]]]:
    """Names and addresses between commas, and what each is called by; a name may hold commas itself."""
    pieces = [piece for piece in (prose.canonical_line(piece) for piece in typed.split(",")) if piece]
    runs = {(start, end): ", ".join(pieces[start:end]) for start, end in _runs(len(pieces))}
    known = called(of, runs.values(), kinds)
    out, start = [], 0
    while start < len(pieces):
        ends = (end for end in range(start + LONGEST_RUN, start, -1) if runs.get((start, end)) in known)
        end = next(ends, start + 1)
        text = ", ".join(pieces[start:end])
        out.append((text, known.get(text, [])))
        start = end
    return out


def _runs(count: int) -> Iterable[tuple[int, int]]:
    """Where runs of pieces begin and end; the short ones first."""
    return [(start, start + long) for long in range(1, LONGEST_RUN + 1) for start in range(count - long + 1)]


# What is typed bit by bit


def _found(of: str, kinds: list[Kind], typed: str) -> QuerySet[models.Model, Hit]:
    """What can be picked and holds the typed words: first where the names hold them all, then by name."""
    columns = ("by_words", "of_kind", "pk", "slug", "name")
    if of == LIVE:
        pages = _matching_words(Page.objects.live().filter(kind__in=kinds).order_by(), typed, "summary")
        found = pages.annotate(of_kind=F("kind")).values_list(*columns, "summary")
    else:
        each = []
        for kind in kinds:
            field = SCHEMAS[kind].excerpt
            entries = _matching_words(desk.entries(kind).order_by(), typed, field)
            each.append(entries.annotate(of_kind=Value(kind.value)).values_list(*columns, field))
        found = each[0].union(*each[1:]) if len(each) > 1 else each[0]
    hits: QuerySet[models.Model, Hit] = found.order_by("by_words", "name", "pk" if of == LIVE else "slug")
    return hits


def _near(typed: str) -> list[Item]:
    """Tags that share a telling word with one that is not there, and may mean the same."""
    shared = Q()
    for word in _typed_words(typed):
        if len(word) >= TELLING:
            shared |= _is_named(desk.Tag, word)
    found = desk.Tag.objects.filter(shared).order_by("name", "slug") if shared else desk.Tag.objects.none()
    rows = found.values_list("pk", "slug", "name")[:MOST_NEAR]
    return [_item(Kind.TAG, Kind.TAG, *row) | {"excerpt": "Is there already: does it mean the same?"} for row in rows]


def _around_the_hit(kind: Kind, text: str, typed: str) -> str:
    """What the excerpt of an entry says around the first of the words that were typed."""
    if FIELDS[SCHEMAS[kind].excerpt].type is FieldType.STATEMENT:
        text = prose.uncited(text)
    wanted = prose.fold(typed).split()
    hits = [word for word in prose.fold(text).split() if any(one in word for one in wanted)]
    return unescape(re.sub("</?mark>", "", prose.excerpt(text, hits, EXCERPT)))


def _allowed(request: HttpRequest, of: str) -> list[Kind]:
    """The kinds to pick from that the user may view. PermissionDenied if there are none."""
    if of not in CHOICES:
        raise Http404
    kinds = [kind for kind in CHOICES[of] if publishing.may(request.user, f"view_{kind.value}")]
    if not kinds:
        raise PermissionDenied
    return kinds


@require_safe
def answer(request: HttpRequest, of: str) -> JsonResponse:
    """What a combobox asks for while an editor types: the first values and names. 403 without a view permission.

    With `called` in the place of `term`: what is called that and nothing else.
    """
    kinds = _allowed(request, of)
    if text := request.GET.get("called", ""):
        return JsonResponse({"results": called(of, [text], kinds).get(text, [])})
    typed = request.GET.get("term", "")[:200]
    rows = list(_found(of, kinds, typed)[: MOST_FOUND + 1])
    results = []
    for by_words, kind, pk, slug, name, said in rows[:MOST_FOUND]:
        # The words too where statements rest on them, or they are why it is found.
        words = {"excerpt": _around_the_hit(Kind(kind), said, typed)} if of in CITED or by_words else {}
        results.append(_item(of, kind, pk, slug, name) | words)
    if of == Kind.TAG and not results:
        results = _near(typed)
    return JsonResponse({"results": results, "more": len(rows) > MOST_FOUND})


@require_safe
def words(request: HttpRequest, slug: str) -> HttpResponse:
    """All that can be quoted from a document or source, as plain text. 403 without the permission to view them."""
    if not all(publishing.may(request.user, f"view_{kind.value}") for kind in CITED):
        raise PermissionDenied
    found = [one for kind in CITED for one in documents(kind, [slug]).values()]
    if not found:
        raise Http404
    return HttpResponse(found[0].text, content_type="text/plain; charset=utf-8")
