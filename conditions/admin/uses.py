"""Where an entry is used: who on the desk refers to it, and how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.urls import reverse

from conditions import db, records
from conditions.models import desk
from conditions.models.published import Kind

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
        found = model.objects.filter(pk__in=db.among(ids)).order_by()
        for owner in found.values_list(f"{rows.owner}_id", flat=True):
            places[kind, owner].add(f"{mark} of a {_row(rows)}")


def _named(places: Places) -> Iterable[Use]:
    for kind in Kind:
        ids = [pk for of_kind, pk in places if of_kind is kind]
        found = records.SHAPES[kind].model.objects.filter(pk__in=db.among(ids)) if ids else None
        for pk, name, live in found.order_by("name", "pk").values_list("pk", "name", "page__live") if found else ():
            yield Use(kind, pk, name, live is not None, tuple(sorted(places[kind, pk])))
