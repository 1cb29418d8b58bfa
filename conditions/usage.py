"""Who refers to an entry, on the desk and in what readers see: the one answer to both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import QuerySet

from conditions import db, records
from conditions.models import desk
from conditions.models.desk import RowTable, VersionedEntry
from conditions.models.published import Link
from conditions.schema import ABOUT, CITATIONS, EVIDENCE, SOURCES, TAGS, Kind

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
    subjects = desk.QuestionSubject.objects.filter(content_type=own, object_id=entry.pk)
    for question in subjects.values_list("question_id", flat=True):
        places[Kind.QUESTION, question].add(ABOUT.noun)
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


def claims_left_without_evidence(gone: set[int], rewritten: set[int] | None = None) -> list[str]:
    """Live relations and statements elsewhere that would rest on nothing if the pages `gone` were withdrawn.

    rewritten: ids of pages whose links are about to be rewritten anyway, and do not count.
    """
    found = []
    gone_or_new = gone | (rewritten or set())
    marks = Link.objects.filter(target__in=gone, via__isnull=False).exclude(owner__in=gone_or_new)
    for mark in marks.filter(relation__in=_CITING).select_related("target", "owner", "via__target"):
        statement = mark.via
        assert statement is not None, "only links that qualify one are looked at"
        rest = Link.objects.filter(via=statement, relation__in=_CITING, target__live__isnull=False)
        if not rest.exclude(target__in=gone).exists():
            found.append(
                f"{mark.target.name}: it is the only evidence for “{mark.owner.name}: {statement.target.name}”; "
                "cite something else there and publish that first."
            )
    return list(dict.fromkeys(found + _statements_left_alone(gone, gone_or_new)))


def _statements_left_alone(gone: set[int], but: set[int]) -> list[str]:
    """Live texts elsewhere that cite one of the pages: their footnotes would vanish."""
    found = []
    links = Link.objects.filter(target__in=gone, via__isnull=True, relation__in=_CITING).exclude(owner__in=but)
    for link in links.select_related("target", "owner__live"):
        if link.owner.live and link.slug in records.cited_in(link.owner.live.record):
            found.append(
                f"{link.target.name}: the text of “{link.owner.name}” cites it; publish that text without it first."
            )
    return found
