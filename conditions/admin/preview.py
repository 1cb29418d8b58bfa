"""What is typed as readers would see it: a text by itself, or the whole page. Nothing is written, and nothing waits."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from conditions import footnotes, page_content, publishing, records
from conditions.models.published import Page, Version
from conditions.records import Record
from conditions.schema import Kind


@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """The Markdown that was typed into one field, as HTML. PermissionDenied where the user may type nothing."""
    if not any(publishing.may(request.user, f"{verb}_{kind.value}") for verb in ("add", "change") for kind in Kind):
        raise PermissionDenied
    return HttpResponse(footnotes.as_typed([request.POST.get("text", "")])[0])


def unsaved_version(page: Page | None, record: Record) -> Version:
    """The version that saving a record would keep: the newest one, if that says the same, or one in memory alone."""
    newest = publishing.newest(page) if page else None
    if newest and publishing.same_content(newest, record):
        return newest
    new_page = page or Page(kind=record["kind"], slug=record["slug"], name=record["name"])
    number = newest.number + 1 if newest else 1
    return Version(page=new_page, number=number, record=record, format=records.FORMAT)


def show(
    request: HttpRequest,
    version: Version,
    back: str,
    new_tags: Mapping[str, str] | None = None,
    *,
    is_old: bool = False,
) -> HttpResponse:
    """The page of a version as readers would see it. back: where to edit it. new_tags: those to come, names by slug.

    is_old: it was asked for by its number, from the history, to which `back` leads.
    """
    page = version.page
    is_live = version.pk is not None and page.live_id == version.pk
    run = publishing.dry_run(record=version.record, page=page, new_tags=new_tags or {})
    content = page_content.with_visible(run.page, version, run.visible)
    content.own_review = page_content.approval_of(version)
    context = {
        "content": content,
        "edition": None,
        "is_unpublished": not is_live,
        "section": content.kind.plural,
        "permanent": request.build_absolute_uri(run.page.url),
        "page_template": f"pages/{content.kind.value}.html",
        "hidden": records.capped(sorted({hidden.name for hidden in run.hidden})),
        "problems": () if is_live else records.capped(run.problems),
        "back": back,
        "numbered": version if is_old else None,
    }
    return render(request, "preview.html", context)
