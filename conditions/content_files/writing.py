"""Files written, moved and removed: whole or not at all, and only while they hold what was seen in them before."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


class ChangedMeanwhile(Exception):
    """A file holds something else than what was seen in it. It was left alone."""


def content(path: Path) -> bytes | None:
    """What a file holds; None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def is_one_file(path: Path, other: Path) -> bool:
    """Whether two names lead to one file; not where one of them leads to none, even if it did a moment ago."""
    try:
        return path.samefile(other)
    except OSError:
        return False


def write(path: Path, data: bytes, *, seen: bytes | None) -> None:
    """Make a file hold `data`. ChangedMeanwhile if it holds something else than was `seen`; OSError if it cannot be.

    A link stays a link: the file that it leads to is written.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, mode)
        _require(path, seen)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def move(old: Path, new: Path, *, seen: bytes) -> None:
    """Rename a file, where there is no other yet. ChangedMeanwhile, OSError as above."""
    _require(old, seen)
    if not is_one_file(new, old):  # names that differ in case alone can be one file
        _require(new, None)
    os.rename(old, new)


def remove(path: Path, *, seen: bytes) -> None:
    """Remove a file. ChangedMeanwhile, OSError as above."""
    _require(path, seen)
    path.unlink()


def _require(path: Path, seen: bytes | None) -> None:
    if content(path) != seen:
        raise ChangedMeanwhile
