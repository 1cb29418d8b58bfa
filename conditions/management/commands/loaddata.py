"""Django's `loaddata` with one difference: FaceHealth's own entries are merged."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import loaddata
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, transaction

from conditions import publishing
from conditions.content_files import formats, loading, planning
from conditions.content_files.plan import Plan, counted
from conditions.models import Edition
from conditions.records import InvalidRecord


class Command(loaddata.Command):
    missing_args_message = None  # type: ignore[assignment]  # none given: all of ours
    help = "Merge fixture files into the drafts and publish what they changed; files of other apps load as usual."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        next(action for action in parser._actions if action.dest == "args").nargs = "*"
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen; write nothing.")
        parser.add_argument("--overwrite", action="store_true", help="Take the file's side everywhere.")
        parser.add_argument(
            "--prune", action="store_true", help="Withdraw pages that are no longer in a folder loaded whole."
        )
        parser.add_argument("--strict", action="store_true", help="Exit with status 1 if there are conflicts.")

    def handle(self, *labels: str, **options: Any) -> None:
        """CommandError for everything that can go wrong: what is wrong with files, and a database that fails."""
        try:
            self.load_all(*labels, **options)
        except (DatabaseError, DeserializationError) as error:
            raise CommandError(f"Not loaded: {error}") from error

    def load_all(self, *labels: str, **options: Any) -> None:
        labels = labels or (str(settings.FIXTURES),)
        found = {label: formats.find(label) for label in labels}
        paths = list(dict.fromkeys(path for each in found.values() for path in each))
        whole = [Path(label) for label in labels if options["prune"] and Path(label).is_dir()]
        for folder in whole:
            if not formats.find(str(folder)):
                raise CommandError(
                    f"{folder} has no fixture files, so --prune would withdraw everything. Fix the path."
                )
        others = [label for label, files in found.items() if not files]
        # Of both ours and other apps' either everything is loaded or nothing.
        with transaction.atomic() if others and not options["dry_run"] else nullcontext():
            plan = self.load_ours(paths, whole, options)
            others += map(str, plan.foreign)
            if others and not options["dry_run"]:
                super().handle(*others, **options)
        if options["strict"] and plan.conflicts:
            raise CommandError(f"{counted(plan.conflicts, 'conflict', 'conflicts')}; the text of the drafts was kept.")

    def load_ours(self, paths: list[Path], whole: list[Path], options: dict[str, Any]) -> Plan:
        """Load what is ours, every mistake as a CommandError."""
        try:
            return self.plan_or_load(paths, whole, options)
        except (formats.InvalidFiles, publishing.Refused, InvalidRecord) as error:
            raise CommandError("\n".join(["Nothing was loaded.", *map(str, error.problems)])) from error
        except loading.Moved as error:
            raise CommandError(str(error)) from error

    def plan_or_load(self, paths: list[Path], whole: list[Path], options: dict[str, Any]) -> Plan:
        choices: dict[str, Any] = {"overwrite": options["overwrite"], "whole": whole}
        if options["dry_run"]:
            plan = planning.plan(paths, **choices)
            newest = Edition.objects.order_by("number").last()
            number = (newest.number if newest else 0) + 1 if plan.moves_the_edition else None
        else:
            plan, edition = loading.load(paths, **choices)
            number = edition.number if edition else None
        if options["verbosity"] and (paths or whole):
            self.stdout.write("\n".join(plan.lines()))
            self.stdout.write(f"Edition {number}." if number else "No new edition.")
        return plan

    def save_obj(self, obj: Any) -> bool:
        if obj.object._meta.app_label == "conditions":
            raise CommandError("FaceHealth's entries load only from .yaml, .json and .jsonl files of their own.")
        return bool(super().save_obj(obj))
