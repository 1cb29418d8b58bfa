"""Faults to plant in a walk: one that finds nothing is worth nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conditions import drafts, page_content, publishing, views
from conditions.content_files import merging
from conditions.models import Page
from conditions.page_parts import PageContent
from conditions.publishing import touched
from conditions.schema import Kind


def show_drafts() -> None:
    """Pages show the newest version in the place of the live one."""
    live_page = page_content.live_page

    def newest(kind: Kind, slug: str, part: int = 1) -> PageContent:
        content = live_page(kind, slug, part)
        version = publishing.newest(Page.objects.get(pk=content.page.pk))
        return page_content.of_version(content.page, version) if version else content

    page_content.live_page = views.live_page = newest  # type: ignore[attr-defined]


def forget_notes() -> None:
    """Writing the desk drops the notes of rows."""
    write_rows = drafts._write_rows

    def forgetful(table: Any, items: Any, keys: Any) -> None:
        for _, record in items:
            for row in record[table.relation.name]:
                row["note"] = ""
        write_rows(table, items, keys)

    drafts._write_rows = forgetful


def take_the_files_side() -> None:
    """A load overwrites what editors wrote."""
    merging.Merger._merge = lambda self, step, entry, *said: self._write(step, entry.record, merging.Outcome.CHANGED)  # type: ignore[method-assign,misc]


def follow_no_links() -> None:
    """An edition notes the pages that it moved, and not those that show something of them."""
    touched._beside = lambda moved: moved


PLANTED: dict[str, Callable[[], None]] = {
    function.__name__.replace("_", "-"): function
    for function in (show_drafts, forget_notes, take_the_files_side, follow_no_links)
}
