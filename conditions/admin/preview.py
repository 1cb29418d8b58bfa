"""What is typed as readers would see it: a text by itself, or the whole page, made by the verbs and then taken back.

What is typed is saved and published in a transaction that ends in a rollback, so a preview merges, refuses
and shows exactly what saving and publishing would. Nothing of it stays, and no other request ever sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from conditions import page_content, publishing
from conditions.models.published import Kind, Page, Version


@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """The Markdown that was typed into one field, as HTML. PermissionDenied where the user may type nothing."""
    if not any(publishing.may(request.user, f"{verb}_{kind.value}") for verb in ("add", "change") for kind in Kind):
        raise PermissionDenied
    return HttpResponse(page_content.as_typed([request.POST.get("text", "")])[0])


@contextmanager
def taken_back() -> Iterator[None]:
    """A transaction in which anything may be saved and published, and that leaves nothing behind."""
    with publishing.write_lock():
        yield
        transaction.set_rollback(True)


def show(request: HttpRequest, version: Version, back: str) -> HttpResponse:
    """The page of a version as readers would see it. Call it in `taken_back`. back: where to edit it."""
    is_live = Page.objects.filter(live=version).exists()
    found, hidden, problems = _published(version)
    context = {
        "reading": found,
        "edition": None,
        "is_unpublished": not is_live,
        "section": found.kind.plural,
        "permanent": request.build_absolute_uri(found.page.url),
        "page_template": f"pages/{found.kind.value}.html",
        "hidden": hidden,
        "problems": problems,
        "back": back,
    }
    # Rendered here, while what it shows is there.
    return HttpResponse(render_to_string("admin/conditions/preview.html", context, request))


def _published(version: Version) -> tuple[page_content.Reading, Sequence[Page], Sequence[str]]:
    """The page that publishing the version makes, what it leads to in vain, and why it cannot be published."""
    kind, slug = Kind(version.record["kind"]), version.record["slug"]
    page = Page.objects.get(pk=version.page_id)
    if page.live_id == version.pk:
        return page_content.live_page(kind, slug), (), ()
    try:
        published = publishing.publish(versions=[version], by=None)
    except publishing.Refused as error:
        _publish_marks(version)
        return page_content.of_version(page, version), (), error.problems
    return page_content.live_page(kind, slug), published.hidden, ()


def _publish_marks(version: Version) -> None:
    """Publish the tags and sources that would go out with the version, so that they are shown."""
    wanted = [one for one in page_content.references(version.record) if one.kind in (Kind.TAG, Kind.SOURCE)]
    slugs = {(one.kind.value, one.slug) for one in wanted}
    fresh = Page.objects.never_published().filter(kind__in=(Kind.TAG, Kind.SOURCE))
    places = fresh.filter(addresses__slug__in={slug for _, slug in slugs}).values_list("pk", "kind", "addresses__slug")
    versions = publishing.newest_of(pk for pk, kind, slug in places if (kind, slug) in slugs)
    if versions:
        publishing.publish(versions=list(versions.values()), by=None)
