"""`manage.py publish_due`: publish what is scheduled and tell of reviews that are due, as the site does each minute."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from conditions import publishing, site_time


class Command(BaseCommand):
    help = "Publish what is scheduled and due, as the site does every minute. Status 1 if something cannot be."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen; write nothing.")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        with publishing.write_lock():
            outcomes, reviews = publishing.publish_due(), publishing.note_due()
            transaction.set_rollback(dry_run)
        for one in outcomes:
            self.stdout.write(_line(one, dry_run))
            for problem in one.problems:
                self.stdout.write(f"  {problem}")
        if reviews:
            told = "would be told" if dry_run else "are told"
            self.stdout.write(f"Readers {told} that a review is due, on pages: {reviews}.")
        elif not outcomes:
            self.stdout.write("Nothing is due.")
        if failed := sum(one.edition is None for one in outcomes):
            verb = "cannot be" if dry_run else "could not be"
            raise CommandError(f"{failed} of {len(outcomes)} {verb} published. Fix that in the admin.")


def _line(outcome: publishing.Outcome, dry_run: bool) -> str:
    decision = outcome.decision
    due = f", due {site_time.words(decision.due)}" if decision.due else ""
    what = f"{decision.version.record['name']}, version {decision.version.number}{due}"
    if outcome.edition is None:
        return f"{'Cannot' if dry_run else 'Could not'} be published: {what}:"
    return f"{'Would be published' if dry_run else 'Published'} in edition {outcome.edition}: {what}"
