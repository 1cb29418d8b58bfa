"""What people write to name fixture files -> the files: one way, for every command and from every folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from conditions.content_files.formats import InvalidFiles, kind_of_folder, shown
from conditions.content_files.parsing import FORMATS, OPENERS, ending
from conditions.schema import Kind

HINT = "Name a folder, such as conditions, an entry, such as conditions/bells-palsy, or a file by its path."


@dataclass(frozen=True)
class Target:
    """What a label names: files, the folder that holds them all if it is one, or a stream of data to be read once."""

    files: tuple[Path, ...] = ()
    folder: Path | None = None
    stream: Path | None = None


def find(label: str, *, in_content: bool = True) -> Target | None:
    """What a label names: a file, a folder, or an entry such as `conditions/bells-palsy`. None if nothing of ours.

    The site's own folders come first where the label begins with the name of one, otherwise the working directory.
    in_content: whether to look into FIXTURES at all. InvalidFiles where a folder cannot be read whole.
    """
    try:
        return _find(label, in_content)
    except OSError as error:
        raise InvalidFiles([_words(error)]) from error


def _find(label: str, in_content: bool) -> Target | None:
    for path in _candidates(label, in_content):
        if path.is_dir():
            if not _is_code(label, path) and (files := files_in(path)):
                return Target(tuple(files), folder=path)
        elif path.exists():
            return _file_or_stream(path)
        elif files := [each for each in _with_endings(path) if each.is_file()]:
            return Target(tuple(files))
    return None


def entry_named(label: str) -> tuple[Kind, str] | None:
    """Kind and slug of the one entry that a label names, whether or not it has a file. None if it names none."""
    for path in _candidates(label, True):
        if kind := kind_of_folder(path.parent):
            return kind, path.name.removesuffix(".yaml")
    return None


def files_in(folder: Path) -> list[Path]:
    """The fixture files below a folder, each once, links followed. What begins with a dot is passed over.

    InvalidFiles names what cannot be read: nobody could tell what is in it.
    """
    files: list[Path] = []
    links: list[Path] = []
    wrong: list[str] = []
    seen: set[Path] = set()
    # Links come last, so that what is there by itself is known by its own name.
    folders_left = [folder]
    for start in folders_left:
        for top, folders, names in os.walk(start, onerror=lambda error: wrong.append(_words(error))):
            if (real := Path(top).resolve()) in seen:
                folders.clear()
                continue
            seen.add(real)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            folders_left += [path for name in folders if (path := Path(top, name)).is_symlink()]
            for path in (Path(top, name) for name in names if not name.startswith(".")):
                if problem := _why_unreadable(path):
                    wrong.append(problem)
                elif ending(path.name):
                    (links if path.is_symlink() else files).append(path)
    if wrong:
        raise InvalidFiles(wrong)
    found: dict[Path, Path] = {}
    for path in (*files, *links):
        found.setdefault(path.resolve(), path)
    return sorted(found.values())


def _why_unreadable(path: Path) -> str:
    """Why something in a folder that may be a fixture file, or a folder of them, cannot be read."""
    if path.is_symlink() and not path.exists() and (ending(path.name) or not path.suffix):
        return f"{shown(path)}: is a link that leads nowhere; fix or remove it"
    if ending(path.name) and path.exists() and not path.is_file():
        return f"{shown(path)}: is neither a file nor a folder; remove it"
    return ""


def _words(error: OSError) -> str:
    name = error.filename or "."
    with suppress(OSError):  # a link that may not be followed has the name that it was found by
        name = shown(Path(name))
    return f"{name}: cannot be read: {error.strerror}"


def _candidates(label: str, in_content: bool) -> Iterator[Path]:
    """Where a label may lead, in order."""
    fixtures = Path(settings.FIXTURES)
    content = (fixtures, fixtures.parent) if in_content else ()
    own = (fixtures.name, *(kind.plural for kind in Kind))
    roots: tuple[Path, ...]
    if label.startswith(("/", "../")) or label in ("", ".."):
        roots = (Path(),) if label else ()
    elif label.split("/")[0] in own:
        roots = (*content, Path())
    else:
        roots = (Path(), *content)
    return (Path(os.path.abspath(root / label)) for root in roots)


def _is_code(label: str, folder: Path) -> bool:
    """Whether a label of one word names a Python package, which only happens to hold a file of such a format."""
    is_content = folder.is_relative_to(os.path.abspath(settings.FIXTURES))
    return "/" not in label.rstrip("/") and not is_content and (folder / "__init__.py").exists()


def _with_endings(path: Path) -> Iterator[Path]:
    return (path.with_name(path.name + form + packed) for form in FORMATS for packed in ("", *OPENERS))


def _file_or_stream(path: Path) -> Target:
    """A file by its name; what has none, such as /dev/stdin or a pipe of the shell, by what it leads to."""
    real = path.resolve()
    if not path.is_file():
        return Target(stream=path)
    if not ending(path.name) and ending(real.name) and real.exists():
        return Target((real,))
    return Target(stream=path) if path.parts[1:2] in (("dev",), ("proc",)) else Target((path,))
