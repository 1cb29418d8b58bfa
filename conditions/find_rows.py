"""What the published tables hold of symptoms that somebody chose. Each function here is one query."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, Exists, F, IntegerField, OuterRef, QuerySet, Value, When

from conditions import prose
from conditions.db import in_values
from conditions.matching import Row
from conditions.models.published import Address, Link, LinkQuerySet, Page
from conditions.records import RecordLike
from conditions.schema import ABSENT, CITATIONS, KINDS_OF, TAGS, Kind

MOST_CHOSEN = 10
LONGEST_NAMED = 60
"""Letters shown of an address that is no symptom's."""
EMERGENCY = "emergency"
"""The tag of what needs help at once. A condition that has it and says when to call is to be ruled out first."""

SYMPTOMS, CAUSES = "symptoms", "causes"
CITING = tuple(one.name for one in CITATIONS)
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,200}")


@dataclass(frozen=True)
class Choice:
    """The symptoms that somebody chose, by name.

    away: what was asked for and is no symptom that readers can see. is_cut: whether more was chosen than counts.
    alert: the page that the alert points at, which was asked for along with them.
    """

    pages: list[Page]
    away: list[str] = field(default_factory=list)
    is_cut: bool = False
    alert: Page | None = None

    @property
    def slugs(self) -> list[str]:
        return sorted(page.slug for page in self.pages)


def chosen(values: Sequence[str], alert: str) -> Choice:
    """The symptoms at some addresses, old ones too, and the page that the alert points at."""
    given = list(dict.fromkeys(value for value in values if value.strip()))
    slugs = given[:MOST_CHOSEN]
    wanted = {slug for slug in slugs if _SLUG.fullmatch(slug)} | {alert}
    opened = Address.objects.filter(kind=Kind.SYMPTOM, edition__isnull=False, slug__in=wanted)
    pages = {one.slug: one.page for one in opened.select_related("page__live")}
    live = {page.pk: page for slug in slugs if (page := pages.get(slug)) and page.live_id}
    away = [
        pages[slug].name if slug in pages else prose.canonical_line(slug)[:LONGEST_NAMED]
        for slug in slugs
        if slug not in pages or not pages[slug].live_id
    ]
    urgent = (page for page in pages.values() if page.slug == alert and page.live_id and page.is_urgent)
    in_order = sorted(live.values(), key=lambda page: (page.sort_key, page.pk))
    return Choice(in_order, list(dict.fromkeys(away)), len(given) > MOST_CHOSEN, next(urgent, None))


class Naming(NamedTuple):
    """A published row that names a chosen symptom or a kind of one. is_own: whether it is the condition's own."""

    link: int
    is_own: bool
    row: Row


@dataclass(frozen=True)
class Rows:
    """All rows about what was chosen; the kinds of each chosen symptom; the conditions that are emergencies."""

    kinds: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    naming: list[Naming] = field(default_factory=list)
    emergencies: set[int] = field(default_factory=set)


def rows_about(symptoms: Iterable[Page]) -> Rows:
    """What live pages say of symptoms and of kinds of them. A cause that is a condition counts as that."""
    ids = [page.pk for page in symptoms]
    kinds = Link.objects.filter(relation=KINDS_OF.name, target__in=ids)
    reached: tuple[Any, ...] = (ids, kinds.values("owner"))
    arms = [
        *(_named_as_causes().filter(owner__in=one).annotate(same=_CONDITION) for one in reached),
        *(
            arm.annotate(same=_NONE)
            for one in reached
            for arm in [Link.objects.filter(relation=SYMPTOMS, target__in=one)]
        ),
        kinds.annotate(same=_NONE),
        _emergencies().annotate(same=_NONE),
    ]
    found = Rows()
    columns = ("relation", "pk", "owner_id", "target_id", "certainty", "everyday", "same")
    for relation, pk, owner, target, certainty, everyday, condition in _union(arms, columns):
        if relation == KINDS_OF.name:
            found.kinds[target].add(owner)
        elif relation == TAGS.name:
            found.emergencies.add(owner)
        elif relation == SYMPTOMS:
            found.naming.append(Naming(pk, True, Row(owner, target, certainty, everyday)))
        else:
            found.naming.append(Naming(pk, False, Row(condition or target, owner, certainty, everyday)))
    return found


_NONE = Value(None, output_field=IntegerField())
_CONDITION = Case(When(target__same_as__live__isnull=False, then=F("target__same_as")), output_field=IntegerField())
"""The condition that the cause is, which a row leads to, where readers see it."""


def _union(arms: Sequence[QuerySet[Any]], columns: Sequence[str]) -> QuerySet[Any]:
    """The rows of several queries in one. Each is planned by itself, where an OR of them would read whole tables."""
    first, *others = (arm.order_by().values_list(*columns) for arm in arms)
    return first.union(*others, all=True)


def _named_as_causes() -> LinkQuerySet:
    """The rows by which symptoms name causes that readers can see."""
    return Link.objects.filter(relation=CAUSES, owner__kind=Kind.SYMPTOM, target__live__isnull=False)


def _emergencies() -> LinkQuerySet:
    tagged = Link.objects.filter(relation=TAGS.name, via__isnull=True, target__kind=Kind.TAG, target__slug=EMERGENCY)
    return tagged.filter(owner__kind=Kind.CONDITION, owner__is_urgent=True, target__live__isnull=False)


def answers(ids: Collection[int]) -> tuple[dict[int, Page], dict[int, int]]:
    """The pages of conditions and causes, and how many symptoms each goes with."""
    wanted = in_values(ids)
    pages = Page.objects.filter(pk__in=wanted).annotate(
        page=F("pk"),
        total=Value(0),
        urgent=F("is_urgent"),
        of=F("kind"),
        at=F("slug"),
        called=F("name"),
        key=F("sort_key"),
    )
    own = Link.objects.filter(relation=SYMPTOMS, owner__in=wanted).exclude(target__in=_hidden_symptoms())
    named = Link.objects.filter(relation=SYMPTOMS, owner=OuterRef("target__same_as"), target=OuterRef("owner"))
    caused = _named_as_causes()
    as_condition = caused.filter(target__same_as__in=wanted).filter(~Exists(named.exclude(certainty=ABSENT)))
    arms = [
        pages,
        _counted(own, "owner"),
        _counted(caused.filter(target__in=wanted), "target"),
        _counted(as_condition, "target__same_as"),
    ]
    found: dict[int, Page] = {}
    totals: dict[int, int] = defaultdict(int)
    for pk, total, urgent, kind, slug, name, key in _union(
        arms, ("page", "total", "urgent", "of", "at", "called", "key")
    ):
        totals[pk] += total
        if kind:
            found[pk] = Page(pk=pk, kind=kind, slug=slug, name=name, sort_key=key, is_urgent=urgent)
    return found, totals


def _hidden_symptoms() -> QuerySet[Any]:
    return Page.objects.filter(kind=Kind.SYMPTOM, live__isnull=True).order_by().values("pk")


def _counted(rows: LinkQuerySet, page: str) -> QuerySet[Any]:
    """How many rows there are by a page, in the columns of pages."""
    empty = {name: Value("", output_field=CharField()) for name in ("of", "at", "called", "key")}
    holding = rows.exclude(certainty=ABSENT).order_by()
    return holding.values(page=F(page)).annotate(total=Count("pk"), urgent=Value(False), **empty)


class Said(NamedTuple):
    """What a published row says, with the page at its other end.

    answer: the condition or cause that it is of; or the page that cites. via: the row that it qualifies.
    """

    link: int
    via: int | None
    relation: str
    answer: int
    slug: str
    certainty: str
    role: str
    everyday: bool
    note: str
    quotes: list[list[str]]
    page: Page


def said_of(
    conditions: Collection[int], causes: Collection[int], rows: Collection[int], citing: Collection[int]
) -> list[Said]:
    """What is shown of some answers, and what some pages cite.

    All symptoms of the conditions; which of these name the causes; the rows that are explained, and what qualifies
    those.
    """
    visible = Link.objects.filter(target__live__isnull=False)
    own = visible.filter(relation=SYMPTOMS, owner__in=conditions)
    shared = own.exclude(certainty=ABSENT).values("target")
    caused = _named_as_causes()
    arms = [
        own.annotate(**_END_IS_TARGET),
        caused.filter(target__in=causes, owner__in=shared).exclude(pk__in=rows).annotate(**_END_IS_OWNER),
        caused.filter(pk__in=rows).annotate(**_END_IS_OWNER),
        visible.filter(via__in=rows).annotate(**_END_IS_TARGET),
        visible.filter(owner__in=citing, via__isnull=True, relation__in=CITING).annotate(**_END_IS_TARGET),
    ]
    said = ("pk", "via_id", "relation", "answer", "slug", "certainty", "role", "everyday", "note", "quotes")
    return [
        Said._make((*row[: len(said)], Page(**dict(zip(("pk", *_OF_PAGE), row[len(said) :], strict=True)))))
        for row in _union(arms, (*said, "end", *(f"end_{name}" for name in _OF_PAGE)))
    ]


_OF_PAGE = ("kind", "slug", "name", "sort_key")
_END_IS_TARGET = {"answer": F("owner_id"), "end": F("target_id")} | {
    f"end_{name}": F(f"target__{name}") for name in _OF_PAGE
}
_END_IS_OWNER = {"answer": F("target_id"), "end": F("owner_id")} | {
    f"end_{name}": F(f"owner__{name}") for name in _OF_PAGE
}


def texts(pages: Collection[int]) -> dict[int, RecordLike]:
    """What documents and sources say now, by page."""
    return dict(Page.objects.live().filter(pk__in=pages).order_by().values_list("pk", "live__record"))
