"""Who refers to an entry, on the desk and in what readers see: the one answer to both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from conditions import db, drafts, records
from conditions.models import desk
from conditions.models.desk import RowTable, VersionedEntry
from conditions.models.published import Link, Page
from conditions.records import Blocker
from conditions.schema import ABOUT, CITATIONS, EVIDENCE, NAMING, REFERENCES, SCHEMAS, SOURCES, TAGS, Heading, Kind

Places = defaultdict[tuple[Kind, int], set[str]]
_CITING = [field.name for field in CITATIONS]


@dataclass(frozen=True)
class Use:
    """An entry that refers to another. `says`: as what, and of what in it, "tag of a symptom"."""

    kind: Kind
    pk: int
    name: str
    is_live: bool
    says: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind.label} {self.name!r}"


def uses_of(entry: VersionedEntry) -> list[Use]:
    """Who refers to a desk entry, by kind and name, in a fixed number of queries."""
    places: Places = defaultdict(set)
    for kind in Kind:
        for table in desk.row_tables(kind):
            if table.relation.target is entry.kind:
                rows = table.rows.filter(**{table.target: entry}).order_by()
                for owner in rows.values_list(f"{table.owner}_id", flat=True):
                    places[kind, owner].add(_row_words(table))
    if entry.kind is Kind.TAG:
        _add_owners(places, desk.Tagged.objects.filter(tag=entry.pk), TAGS.noun)
    elif entry.kind is Kind.QUESTION:
        _add_owners(places, desk.Citation.objects.filter(question=entry.pk), EVIDENCE.noun)
    elif entry.kind is Kind.SOURCE:
        _add_owners(places, desk.Citation.objects.filter(source=entry.pk), SOURCES.noun)
    own = ContentType.objects.get_for_model(type(entry))
    named = desk.EntryReference.objects.filter(target_type=own, target_id=entry.pk)
    kinds = {_type_of(desk.MODELS[kind]): kind for kind in Kind}
    for content_type, owner, field in named.values_list("content_type", "object_id", "field"):
        places[kinds[content_type], owner].add(REFERENCES[field].noun)
    places.pop((entry.kind, entry.pk), None)
    return list(_named(places))


def _row_words(table: RowTable) -> str:
    return str(table.model._meta.verbose_name)


def _add_owners(places: Places, references: QuerySet[desk.Tagged] | QuerySet[desk.Citation], noun: str) -> None:
    """Add what carries these tags or citations: entries, and the owners of rows. noun: what it is to them."""
    by_type: dict[int, list[int]] = defaultdict(list)
    for content_type, pk in references.values_list("content_type", "object_id"):
        by_type[content_type].append(pk)
    for kind in Kind:
        for pk in by_type.get(_type_of(desk.MODELS[kind]), ()):
            places[kind, pk].add(f"{noun} of the entry")
        for table in desk.row_tables(kind):
            rows = table.rows.filter(pk__in=db.in_values(by_type.get(_type_of(table.model), ()))).order_by()
            for owner in rows.values_list(f"{table.owner}_id", flat=True):
                places[kind, owner].add(f"{noun} of a {_row_words(table)}")


def _type_of(model: type[models.Model]) -> int:
    return int(ContentType.objects.get_for_model(model).pk)


def _named(places: Places) -> Iterable[Use]:
    for kind in Kind:
        ids = [pk for of_kind, pk in places if of_kind is kind]
        found = desk.entries(kind).filter(pk__in=db.in_values(ids)).order_by("name", "pk")
        for pk, name, live in found.values_list("pk", "name", "page__live") if ids else ():
            yield Use(kind, pk, name, live is not None, tuple(sorted(places[kind, pk])))


# What readers see


def seen_on(pages: Collection[int]) -> list[Use]:
    """The live pages elsewhere that show readers something of the given ones, which they lose if these are withdrawn.

    By kind and name, in a fixed number of queries.
    """
    visible = Q(via__isnull=True) | Q(via__target__live__isnull=False)
    links = Link.objects.filter(visible, target__in=db.in_values(pages)).exclude(owner__in=db.in_values(pages))
    found = list(links.values_list("owner", "owner__kind", "relation", "via__relation"))
    entries = drafts.entries_of(owner for owner, *_ in found)
    places: Places = defaultdict(set)
    for owner, owner_kind, relation, row in found:
        kind, pk, _ = entries[owner]
        places[kind, pk].add(_link_words(Kind(owner_kind), relation, row))
    return list(_named(places))


def left_without_help(gone: Collection[int]) -> list[Use]:
    """Live pages elsewhere that would say nothing of what to do, if the given ones were withdrawn, by kind and name.

    What to do is in their own texts, in treatments, or on the card of what a question is about first. Five queries.
    """
    gone = set(gone)
    lost = Link.objects.filter(target__in=db.in_values(gone)).exclude(owner__in=db.in_values(gone))
    owners = Page.objects.live().filter(Exists(lost.filter(owner=OuterRef("pk")))).select_related("live")
    bare = {page.pk: page.live.record for page in owners if page.live and not _says_what_to_do(page.live.record)}
    helping = [one.name for kind in Kind for one in SCHEMAS[kind].relations if one.target is Kind.TREATMENT]
    shown = Link.objects.filter(relation__in=[*helping, ABOUT.name], via__isnull=True, owner__in=db.in_values(bare))
    before, after, first = set[int](), set[int](), dict[int, int]()
    for owner, target, relation, is_live in shown.order_by("order").values_list(
        "owner", "target", "relation", "target__live"
    ):
        if relation == ABOUT.name:
            first.setdefault(owner, target)
        elif is_live:
            (before if target in gone else after).add(owner)
    subjects = Page.objects.live().filter(pk__in=db.in_values(first.values())).select_related("live")
    helpful = {page.pk for page in subjects if page.live and _says_what_to_do(page.live.record)}
    for owner, target in first.items():
        if target in helpful:
            (before if target in gone else after).add(owner)
    places: Places = defaultdict(set)
    for kind, pk, _ in drafts.entries_of(before - after).values():
        places[kind, pk].add("nothing is left that says what to do")
    return list(_named(places))


def _says_what_to_do(record: records.RecordLike) -> bool:
    fields = records.schema_of(record).fields
    return any(record.get(one.name) for one in fields if one.heading in (Heading.CARE, Heading.SELF_CARE))


def _link_words(owner: Kind, relation: str, row: str | None) -> str:
    """As what a page of a kind shows another: as "symptom", or where it qualifies a row, "tag of a symptom"."""
    rows = {table.relation.name: _row_words(table) for table in desk.row_tables(owner)}
    if relation in rows:
        return rows[relation]
    noun = REFERENCES[relation].noun
    if REFERENCES[relation] in NAMING:
        return noun
    return f"{noun} of a {rows[row]}" if row in rows else f"{noun} of the entry"


def claims_left_without_evidence(gone: set[int], rewritten: set[int] | None = None) -> list[Blocker]:
    """Live relations and statements elsewhere that would rest on nothing if the pages `gone` were withdrawn.

    rewritten: ids of pages whose links are about to be rewritten anyway, and do not count. Two queries, however many
    rest on the pages.
    """
    citing = Link.objects.filter(relation__in=_CITING, target__in=db.in_values(gone))
    citing = citing.exclude(owner__in=db.in_values(gone | (rewritten or set())))
    others = Link.objects.filter(via=OuterRef("via"), relation__in=_CITING, target__live__isnull=False)
    others = others.exclude(target__in=db.in_values(gone))
    marks = citing.filter(~Exists(others), via__isnull=False).select_related("target", "owner", "via__target")
    found = [_last_evidence(mark, mark.via) for mark in marks if mark.via]
    return list(dict.fromkeys([*found, *_statements_left_alone(citing)]))


def _last_evidence(mark: Link, row: Link) -> Blocker:
    words = (
        f"{mark.target.name}: it is the only evidence for “{mark.owner.name}: {row.target.name}”; "
        "cite something else there and publish that first."
    )
    return Blocker(words, mark.owner_id, (row.relation,))


def _statements_left_alone(citing: QuerySet[Link]) -> Iterator[Blocker]:
    """Live texts that cite what the links lead to: their footnotes would vanish."""
    texts = Cast("owner__live__record", models.TextField())
    cited = Concat(Value("[@"), F("slug"))  # "]" or words follow
    links = citing.filter(via__isnull=True).alias(texts=texts).filter(texts__contains=cited)
    for link in links.select_related("target", "owner__live"):
        if link.owner.live and link.slug in records.cited_in(link.owner.live.record):
            words = f"{link.target.name}: the text of “{link.owner.name}” cites it; publish that text without it first."
            yield Blocker(words, link.owner_id, ())
