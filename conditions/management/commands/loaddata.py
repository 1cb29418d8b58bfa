"""Django's `loaddata` with one difference: FaceHealth's own entries are merged."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import loaddata
from django.core.management.utils import parse_apps_and_model_labels
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, connections, transaction

from conditions import publishing
from conditions.content_files import formats, labels, loading, parsing, planning
from conditions.content_files.plan import Plan, counted
from conditions.content_files.reading import ReadingOptions
from conditions.models import Edition
from conditions.records import InvalidRecord, NewerRecord, capped
from conditions.schema import Kind

FORMATS = ".yaml, .yml, .json and .jsonl, plain or packed as .gz, .bz2 or .xz"


@dataclass
class Named:
    """What the labels of one command name.

    folders: those that are read whole. loose: labels of other things. streams: what the files are called into which
    a stream was put for reading.
    """

    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    streams: dict[Path, str] = field(default_factory=dict)


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

    def handle(self, *given: str, **options: Any) -> None:
        """CommandError for everything that can go wrong: what is wrong with files, and a database that fails."""
        self.using, self.verbosity = options["database"], options["verbosity"]
        self.app_label, self.format = options["app_label"], options["format"]
        self.excluded_models, self.excluded_apps = parse_apps_and_model_labels(options["exclude"])
        self.serialization_formats = serializers.get_public_serializer_formats()
        try:
            with ExitStack() as stack:
                named = self.named_by(given, stack)
                if options["prune"]:
                    self.refuse_prune(named, options)
                plan = self.plan_or_load(named, options)
        except (formats.InvalidFiles, publishing.Refused, InvalidRecord) as error:
            raise CommandError("\n".join(["Nothing was loaded.", *capped(error.problems)])) from error
        except (loading.Moved, NewerRecord) as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        except DatabaseError as error:
            raise CommandError(f"Not loaded: {error}") from error
        if options["strict"] and plan.conflicts:
            raise CommandError(f"{counted(plan.conflicts, 'conflict', 'conflicts')}; the text of the drafts was kept.")

    def named_by(self, given: Sequence[str], stack: ExitStack) -> Named:
        """What labels name; all of ours without any. CommandError where one names nothing.

        stack: ends with the files into which streams are put.
        """
        own = self.app_label in (None, "conditions")
        if not own and self.app_label not in {config.label for config in apps.get_app_configs()}:
            raise CommandError(f"--app {self.app_label}: there is no such app.")
        if not given and not own:
            raise CommandError(f"--app {self.app_label}: name the fixtures to load; without any, all entries are.")
        named = Named()
        for label in given or (str(settings.FIXTURES),):
            target = labels.Target(stream=Path(label)) if label == "-" else labels.find(label, in_content=own)
            if target is None:
                named.files += self.found_by_django(label)
            elif target.stream:
                named.files.append(self.put_down(label, named, stack))
            else:
                named.files += target.files
            if target and target.folder:
                named.folders.append(target.folder)
            else:
                named.loose.append(label)
        # A file that two labels name is read once.
        named.files = list({path.resolve(): path for path in named.files}.values())
        return named

    def found_by_django(self, label: str) -> list[Path]:
        """The files that a label names as everywhere in Django: without an ending, in the folders of the apps."""
        try:
            return [Path(file).absolute() for file, _, _ in self.find_fixtures(label.rstrip("/"))]
        except CommandError as error:
            if Path(label).is_dir():
                raise CommandError(f"{label} has no fixture files ({FORMATS}). {labels.HINT}") from error
            raise CommandError(f"{error} {labels.HINT}") from error

    def put_down(self, label: str, named: Named, stack: ExitStack) -> Path:
        """A file with all that comes from a stream, which can be read only once. CommandError."""
        name = "stdin" if label == "-" else label
        if not self.format:
            raise CommandError(f"--format must be specified when reading from {name}.")
        if self.format not in self.serialization_formats:
            raise CommandError(f"--format {self.format}: is not a known serialization format.")
        try:
            data = parsing.read_from(sys.stdin.buffer) if label == "-" else parsing.read(Path(label))
        except OSError as error:
            raise CommandError(f"{name}: cannot be read: {error.strerror}") from error
        except parsing.Unreadable as error:
            raise CommandError(f"{name}: {error}") from error
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="facehealth-")), f"stream.{self.format}")
        path.write_bytes(data)
        named.streams[path] = name
        return path

    def refuse_prune(self, named: Named, options: dict[str, Any]) -> None:
        """CommandError where --prune would withdraw what was merely not read, or could not find what to withdraw."""
        if options["exclude"] or options["ignore"]:
            raise CommandError("--prune needs files that are read whole; leave out --exclude and --ignorenonexistent.")
        if named.loose:
            raise CommandError(f"--prune needs folders, such as conditions; {named.loose[0]} is none.")
        content = Path(settings.FIXTURES).resolve()
        for folder in named.folders:
            if folder.resolve() in content.parents:
                raise CommandError(f"--prune: {folder} has more than content files; name {content} or a folder in it.")

    def plan_or_load(self, named: Named, options: dict[str, Any]) -> Plan:
        """Load what is ours and then, in the same transaction, what is not; in a dry run as well, and take it back."""
        choices: dict[str, Any] = {
            "overwrite": options["overwrite"],
            "whole": named.folders if options["prune"] else [],
            "options": ReadingOptions(self.excluded_kinds(), options["ignore"], named.streams),
        }

        def load_others(files: Sequence[Path]) -> None:
            self.load_others(files, named.streams, options)

        if options["dry_run"]:
            plan = planning.plan(named.files, **choices)
            if plan.foreign:
                with transaction.atomic():
                    load_others(plan.foreign)
                    transaction.set_rollback(True)
            newest = Edition.objects.order_by("number").last()
            number = (newest.number if newest else 0) + 1 if plan.moves_the_edition else None
        else:
            plan, edition = loading.load(named.files, load_others=load_others, **choices)
            number = edition.number if edition else None
        if options["verbosity"] and len(plan.foreign) < len(named.files):
            self.stdout.write("\n".join(plan.lines(whole=options["verbosity"] > 1)))
            self.stdout.write(f"Edition {number}." if number else "No new edition.")
        return plan

    def excluded_kinds(self) -> frozenset[Kind]:
        """The kinds that --exclude names. CommandError where it names what files do not hold by itself."""
        if apps.get_app_config("conditions") in self.excluded_apps:
            return frozenset(Kind)
        names = {model._meta.label_lower for model in self.excluded_models if model._meta.app_label == "conditions"}
        for name in sorted(names - formats.LABELS.keys()):
            known = ", ".join(formats.LABELS)
            raise CommandError(f"--exclude {name}: files hold whole entries; exclude conditions, or one of: {known}.")
        return frozenset(formats.LABELS[name] for name in names)

    def load_others(self, files: Sequence[Path], streams: Mapping[Path, str], options: dict[str, Any]) -> None:
        """What Django's own command does with files. CommandError for everything that it and its parsers raise."""
        try:
            super().handle(*map(str, files), **options)
            # Django leaves those of many-to-many tables to the end of the transaction, to which no dry run comes.
            connections[self.using].check_constraints()
        except Exception as error:
            detail = error.__cause__ if isinstance(error, DeserializationError) else None
            said = f"{error}{detail or ''}"
            for path, name in streams.items():
                said = said.replace(str(path), name)
            raise CommandError(f"Nothing was loaded. {said}") from error

    def load_label(self, fixture_label: str) -> None:
        self.file = fixture_label
        super().load_label(fixture_label)

    def save_obj(self, obj: Any) -> bool:
        meta = obj.object._meta
        excluded = meta.app_config in self.excluded_apps or type(obj.object) in self.excluded_models
        if meta.app_label == "conditions" and not excluded:
            dump = f"; this file {formats.DUMP}" if obj.object.pk is not None else ""
            raise CommandError(f"{self.file}: entries load only from files that end in {FORMATS}{dump}.")
        return bool(super().save_obj(obj))
