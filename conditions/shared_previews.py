"""What somebody without an account sees by a link: an entry that an editor shares, published or not."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conditions import page_content, publishing, records
from conditions.guards import alert, never_kept
from conditions.models.published import Decision, Version


@never_kept(logged_as="/preview/*/")
def shown(request: HttpRequest, token: str) -> HttpResponse:
    """The page of what a link shows. 404 in the same words for every link that does not work, whatever the reason."""
    link = publishing.link_of(token)
    version = publishing.shared_version(link) if link else None
    if link is None or version is None:
        return render(request, "pages/no_preview.html", {"alert": alert()}, status=HTTPStatus.NOT_FOUND)
    return render(request, "shared_preview.html", _context(request, link, version))


def _context(request: HttpRequest, link: Decision, version: Version) -> dict[str, object]:
    """What the template of a shared page is given. Of other entries it has what readers can see, and no word more."""
    record = page_content.as_of_now(version)
    wanted = records.references(record)
    visible = page_content.live_targets(wanted)
    page = publishing.as_published(version.page, version.record)
    content = page_content.with_visible(page, version, visible)
    return {
        "content": content,
        "edition": None,
        "is_unpublished": page.live_id != version.pk,
        "section": content.kind.plural,
        "permanent": request.build_absolute_uri(page.url),
        "page_template": f"pages/{content.kind.value}.html",
        "is_partial": any((one.kind, one.slug) not in visible for one in wanted),
        "due": link.due,
    }
