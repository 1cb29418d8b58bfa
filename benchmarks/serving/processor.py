"""Processor time of a process and of all below it, in nanoseconds, as Linux counts it.

/proc/PID/task/TID/schedstat begins with the nanoseconds that a thread has been on a processor, in the program and in
the system. /proc/PID/schedstat has those of the first thread alone, so that all threads are added up.
"""

from collections import defaultdict
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def tree(root: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                # The name of the program is in parentheses, and may have blanks.
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                below[parent].append(int(folder.name))
    found = [root]
    for pid in found:
        found += below[pid]
    return found


def by_thread(root: int) -> dict[int, int]:
    """Nanoseconds of each thread of a process and of all below it."""
    found = {}
    for pid in tree(root):
        with suppress(OSError):
            for task in (PROC / str(pid) / "task").iterdir():
                with suppress(OSError):
                    found[int(task.name)] = int((task / "schedstat").read_text().split()[0])
    return found


def spent(before: dict[int, int], after: dict[int, int]) -> int:
    """Nanoseconds between two looks. One look's threads may have begun since, those that have ended are left out."""
    return sum(total - before.get(thread, 0) for thread, total in after.items())
