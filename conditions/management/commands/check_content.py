"""What keeps the drafts from being published, and what readers would miss in them."""

from collections.abc import Collection, Iterator
from itertools import islice

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from conditions import drafts, glossary, records, statements, validation
from conditions.models import desk
from conditions.records import Problem, Record, capped, in_words, schema_of
from conditions.schema import CITED, Kind

AT_ONCE = 500
"""Entries that are read together."""


class Command(BaseCommand):
    help = "Print what keeps drafts from being published, and what readers would miss. Status 1 if something blocks."

    def handle(self, *args: object, **options: object) -> None:
        blocking: list[str] = []
        missing: list[str] = []
        stated = {(kind, slug) for kind in CITED for slug in _kept(kind).values_list("slug", flat=True)}
        explained: dict[str, str] = {}
        for record, texts in _drafts():
            wrong = validation.problems(record) or validation.publish_blockers(record)
            blocking += _lines(record, [*wrong, *statements.problems(record, texts), *_unstated(record, stated)])
            missing += _lines(record, [*validation.advice(record), *_explained_twice(record, explained)])
        self._print("Readers would miss:", missing)
        if blocking:
            self._print("Cannot be published:", blocking)
            keep, them = ("problem keeps", "it") if len(blocking) == 1 else ("problems keep", "them")
            raise CommandError(f"{len(blocking)} {keep} drafts from being published. Fix {them} in the admin.")

    def _print(self, title: str, lines: list[str]) -> None:
        if lines:
            self.stdout.write(self.style.MIGRATE_HEADING(title))
        for line in capped(lines):
            self.stdout.write(f"  {line}")


def _drafts() -> Iterator[tuple[Record, dict[str, str]]]:
    """The record of every entry that is not withdrawn, with the texts that it quotes from, as they are on the desk."""
    for kind in Kind:
        each = _kept(kind).order_by("slug").iterator(chunk_size=AT_ONCE)
        while some := list(islice(each, AT_ONCE)):
            found = list(drafts.read_many(kind, some).values())
            texts = drafts.texts_of(statements.quoted(found))
            yield from ((record, texts) for record in found)


def _kept(kind: Kind) -> QuerySet[desk.VersionedEntry]:
    """The entries of a kind that are not withdrawn."""
    return desk.entries(kind).exclude(page__live__isnull=True, page__edition__isnull=False)


def _unstated(record: Record, stated: Collection[tuple[Kind, str]]) -> list[Problem]:
    """Rows that rest on withdrawn documents and sources alone."""
    words = "all that states this is withdrawn; cite another document or source, or delete the row"
    found = records.rows_without_evidence(record, stated)
    cited = [(relation, row) for relation, row in found if row["evidence"] or row["sources"]]
    return [Problem((relation.name, row["target"]), words) for relation, row in cited]


def _explained_twice(record: Record, explained: dict[str, str]) -> list[Problem]:
    """Forms of a word that another word has: pages mark the one or the other. explained: form -> word, added to."""
    if record["kind"] != Kind.TERM:
        return []
    forms = {glossary.one_form(form) for form in (record["name"], *record["forms"])}
    others = {form: explained.setdefault(form, record["slug"]) for form in sorted(forms)}
    words = "is a form of the word {} too; keep it in one of the two"
    return [
        Problem(("forms",), f"{in_words(form)} {words.format(other)}")
        for form, other in others.items()
        if other != record["slug"]
    ]


def _lines(record: Record, found: list[Problem]) -> list[str]:
    """Problems in words, each with its entry and field."""
    entry = f"{Kind(record['kind']).plural}/{record['slug']}"
    schema = schema_of(record)
    return [f"{entry}: {', '.join([schema.label_of(one.path[0]), *one.path[1:]])}: {one.message}" for one in found]
