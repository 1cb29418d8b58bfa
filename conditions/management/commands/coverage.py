"""Which words of the documents carry which statement, and which carry nothing."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conditions import coverage
from conditions.coverage import Coverage


class Command(BaseCommand):
    help = "Print, document by document, what its words carry: statements of the pages that readers see, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="SLUG", help="Only these documents.")
        parser.add_argument(
            "--check", action="store_true", help="Exit with status 1 if words carry nothing and no reason is given."
        )

    def handle(self, *args: object, slugs: list[str], check: bool, **options: object) -> None:
        open_words = 0
        known = set()
        for page, found in coverage.documents():
            known.add(page.slug)
            if not slugs or page.slug in slugs:
                self._print(page.slug, found)
                open_words += len(found.unexplained)
        if missing := [slug for slug in slugs if slug not in known]:
            raise CommandError(f"There is no published document {', '.join(map(repr, missing))}.")
        if check and open_words:
            raise CommandError(
                f"{open_words} passages carry nothing. Let a statement quote them, or say why in the document's "
                "“Words that carry nothing”."
            )

    def _print(self, slug: str, found: Coverage) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"{slug}: {found.percent} %"))
        for one in found.stretches:
            if one.letter:
                self.stdout.write(f"  “{' '.join(one.text.split())}”")
                for each in one.carried:
                    self.stdout.write(f"    {each.page.url}#{each.anchor}  {each.said}")
        for bare in found.bare:
            self.stdout.write(f"  carries nothing ({bare.reason or 'no reason given'}): “{bare.words}”")
