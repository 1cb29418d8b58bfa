"""Who refers to an entry, on the desk and in what readers see: the one answer to both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.urls import reverse

from conditions import db, page_content, prose, records
from conditions.models import desk
from conditions.models.published import (
    Kind,
    Link,
)
from conditions.records import Record

Places = defaultdict[tuple[Kind, int], set[str]]


@dataclass(frozen=True)
class Use:
    """An entry that refers to another. `says`: as what, and of what in it, "tag of a symptom row"."""

    kind: Kind
    pk: int
    name: str
    is_live: bool
    says: tuple[str, ...]

    @property
    def url(self) -> str:
        return reverse(f"admin:conditions_{self.kind.value}_change", args=[self.pk])


_OWNERS: dict[Any, records.Rows] = {rows.model: rows for shape in records.SHAPES.values() for rows in shape.rows}


def uses_of(entry: Any) -> list[Use]:
    """Who refers to a desk entry, by kind and name, in a fixed number of queries."""
    places: Places = defaultdict(set)
    for kind, shape in records.SHAPES.items():
        for rows in shape.rows:
            if rows.kind is entry.kind:
                standing = rows.model.objects.filter(**{rows.target: entry}).order_by()
                for owner in standing.values_list(f"{rows.owner}_id", flat=True):
                    places[kind, owner].add(_row(rows))
    if entry.kind is Kind.TAG:
        _add_marks(places, desk.Tagged.objects.filter(tag=entry), "tag")
    elif entry.kind is Kind.QUESTION:
        _add_marks(places, desk.Citation.objects.filter(question=entry), "document")
    elif entry.kind is Kind.SOURCE:
        _add_marks(places, desk.Citation.objects.filter(source=entry), "source")
    own = ContentType.objects.get_for_model(type(entry))
    about = desk.About.objects.filter(content_type=own, object_id=entry.pk)
    for question in about.values_list("question_id", flat=True):
        places[Kind.QUESTION, question].add("what it is about")
    places.pop((entry.kind, entry.pk), None)
    return list(_named(places))


def _row(rows: records.Rows) -> str:
    return f"{rows.model._meta.verbose_name} row"


def _add_marks(places: Places, marks: QuerySet[Any], mark: str) -> None:
    """Add what carries these tags or citations: entries, and the owners of relation rows. mark: what it is to them."""
    by_type: dict[int, list[int]] = defaultdict(list)
    for content_type, pk in marks.values_list("content_type", "object_id"):
        by_type[content_type].append(pk)
    for content_type, ids in by_type.items():
        model: Any = ContentType.objects.get_for_id(content_type).model_class()
        if model not in _OWNERS:
            for pk in ids:
                places[model.kind, pk].add(f"{mark} of the entry")
            continue
        rows = _OWNERS[model]
        kind = model._meta.get_field(rows.owner).related_model.kind
        found = model.objects.filter(pk__in=db.in_values(ids)).order_by()
        for owner in found.values_list(f"{rows.owner}_id", flat=True):
            places[kind, owner].add(f"{mark} of a {_row(rows)}")


def _named(places: Places) -> Iterable[Use]:
    for kind in Kind:
        ids = [pk for of_kind, pk in places if of_kind is kind]
        found = records.SHAPES[kind].model.objects.filter(pk__in=db.in_values(ids)) if ids else None
        for pk, name, live in found.order_by("name", "pk").values_list("pk", "name", "page__live") if found else ():
            yield Use(kind, pk, name, live is not None, tuple(sorted(places[kind, pk])))


def claims_left_without_evidence(gone: set[int], rewritten: set[int] | None = None) -> list[str]:
    """Live relations and statements elsewhere that would rest on nothing if the pages `gone` were withdrawn.

    rewritten: ids of pages whose links are about to be rewritten anyway, and do not count.
    """
    found = []
    gone_or_new = gone | (rewritten or set())
    marks = Link.objects.filter(target__in=gone, via__isnull=False).exclude(owner__in=gone_or_new)
    cites = (Link.Relation.EVIDENCE, Link.Relation.SOURCES)
    for mark in marks.filter(relation__in=cites).select_related("target", "owner", "via__target"):
        statement: Any = mark.via
        rest = Link.objects.filter(via=statement, relation__in=cites, target__live__isnull=False)
        if not rest.exclude(target__in=gone).exists():
            found.append(
                f"{mark.target.name}: it is all that “{mark.owner.name}: {statement.target.name}” rests on; "
                "cite something else there and publish that first."
            )
    return list(dict.fromkeys(found + _statements_left_alone(gone, gone_or_new)))


def _statements_left_alone(gone: set[int], but: set[int]) -> list[str]:
    """Live texts elsewhere that cite one of the pages: their footnotes would vanish."""
    found = []
    cites = (Link.Relation.EVIDENCE, Link.Relation.SOURCES)
    links = Link.objects.filter(target__in=gone, via__isnull=True, relation__in=cites).exclude(owner__in=but)
    for link in links.select_related("target", "owner__live"):
        record: Record = link.owner.live.record if link.owner.live else {}
        said = page_content.references(record)[link.order].slug
        texts = (text for field in records.citing_fields(record) for text in records.citing_texts(record[field.name]))
        if any(said in prose.citations(text) for text in texts):
            found.append(
                f"{link.target.name}: the text of “{link.owner.name}” cites it; publish that without it first."
            )
    return found


def referrers(entry: Any) -> list[str]:
    """Who on the desk refers to the entry, as "condition 'Bell’s palsy'", sorted."""
    found = set()
    for shape in records.SHAPES.values():
        for rows in shape.rows:
            if rows.kind == entry.kind:
                named = rows.model.objects.filter(**{rows.target: entry}).select_related(rows.owner)
                found |= {getattr(row, rows.owner) for row in named}
    own = ContentType.objects.get_for_model(type(entry))
    if entry.kind is Kind.TAG:
        found |= {_owner(one.content_object) for one in entry.tagged.all()}
    if entry.kind in (Kind.QUESTION, Kind.SOURCE):
        found |= {_owner(one.owner) for one in entry.citations.all() if one.owner != entry}
    about = desk.About.objects.filter(content_type=own, object_id=entry.pk).select_related("question")
    found |= {one.question for one in about}
    return sorted(f"{one.kind.value} {one.name!r}" for one in found if one and one != entry)


def _owner(thing: Any) -> Any:
    """The entry that a tagged or cited thing belongs to: itself, or the owner of a relation row."""
    owners = {rows.model: rows.owner for shape in records.SHAPES.values() for rows in shape.rows}
    return getattr(thing, owners[type(thing)]) if type(thing) in owners else thing
