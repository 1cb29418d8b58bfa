"""What is scheduled goes live in its minute, and readers are told when a review is due.

A thread of each server looks, at its start and when a minute begins.

Servers that look at the same time are harmless: `publish_due` publishes once.
"""

from __future__ import annotations

import logging
import time
from threading import Thread

from django.db import connection

from conditions import publishing

log = logging.getLogger(__name__)

EVERY = 60
"""Seconds between two looks. Times are set by the minute, so each is looked at as it begins."""


def start() -> None:
    """Start the thread, which lives as long as the process."""
    Thread(target=_look_for_ever, name="scheduled pages", daemon=True).start()


def _look_for_ever() -> None:
    works = True
    while True:
        works = look(says_why=works)
        time.sleep(EVERY - time.time() % EVERY)


def look(*, says_why: bool) -> bool:
    """Publish what is due and tell of reviews that are, over a connection of its own; whether that worked.

    says_why: whether a failure is logged. While it goes on, once is enough.
    """
    try:
        try:
            for one in publishing.publish_due():
                _log(one)
            publishing.note_due()
        finally:
            connection.close()
    except Exception:  # whatever it is, the thread has to go on
        if says_why:
            log.exception("What is scheduled cannot be published now; it is tried again every minute")
        return False
    return True


def _log(outcome: publishing.Outcome) -> None:
    version = outcome.decision.version
    what = f"version {version.number} of {version.page}"
    if outcome.edition:
        log.info("Published as scheduled, in edition %s: %s", outcome.edition, what)
    else:
        log.warning("Scheduled, and could not be published: %s: %s", what, "; ".join(outcome.problems))
