"""Disks that are full: a small one in memory where mounting is permitted, else a limit on the size of files."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

SPACE = 64 << 20
"""Bytes of a small disk: enough for a database and a large reload."""
BLOCK = 4096

Before = Callable[[], None] | None
"""What a process does before it starts."""


class SmallDisk:
    """A disk of its own. Whatever is written to it meets its end."""

    how = "small tmpfs"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self, left: int, *pids: int) -> Iterator[Before]:
        """No space on the disk but `left` bytes."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(BLOCK))
        os.truncate(filler, max(0, filler.stat().st_size - left))
        try:
            yield None
        finally:
            filler.unlink()


class LimitedFiles:
    """A folder on a disk with space, where processes may make no large file. Needs no privilege."""

    how = "limit on the size of files"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self, left: int, *pids: int) -> Iterator[Before]:
        """No file may grow beyond `left` bytes: by those processes and theirs, and by who does what is yielded."""

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (left, left))

        _limit(pids, left)
        try:
            yield limit
        finally:
            _limit(pids, resource.RLIM_INFINITY)


Disk = SmallDisk | LimitedFiles


def _limit(pids: Iterable[int], size: int) -> None:
    by_owner: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pid in with_children(pids):
        with suppress(FileNotFoundError):
            owner = Path(f"/proc/{pid}").stat()
            by_owner[owner.st_uid, owner.st_gid].append(pid)
    for (user, group), found in by_owner.items():
        own = {"user": user, "group": group, "extra_groups": []} if user != os.geteuid() else {}
        # As their owner: another, even root, may lack the right to.
        subprocess.run(["true"], preexec_fn=partial(_limit_own, found, size), check=True, **own)


def _limit_own(pids: Iterable[int], size: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def with_children(pids: Iterable[int]) -> list[int]:
    """Processes, and all that they or their children started."""
    found = list(pids)
    parents = _parents() if found else {}
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _parents() -> dict[int, int]:
    """The parent of each process there is."""
    out = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            out[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    return out


@contextmanager
def small_disk(folder: Path, size: int = SPACE) -> Iterator[Disk]:
    """A disk that can be filled, at `folder`, which is made, and gone afterwards with all that is on it."""
    folder.mkdir(mode=0o755)
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "faults", str(folder))
    try:
        yield SmallDisk(folder) if mounted else LimitedFiles(folder)
    finally:
        # Lazily, should a process be dying still: nothing new can be opened on it.
        if mounted and not _run("umount", str(folder)):
            _run("umount", "--lazy", str(folder))
        shutil.rmtree(folder)


def _run(*words: str) -> bool:
    """Whether a program is there and did it."""
    try:
        return subprocess.run(words, capture_output=True).returncode == 0
    except OSError:
        return False
