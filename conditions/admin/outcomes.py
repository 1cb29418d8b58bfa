"""What came of saving and of publishing, in words for the editor."""

from __future__ import annotations

from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from conditions import drafts, publishing, records
from conditions.admin import conflicts, problems
from conditions.differences import differences
from conditions.models.published import Edition, Version, page_address


def tell_saved(request: HttpRequest, saved: publishing.Saved, *, goes_on: bool = False) -> None:
    """Say what was saved, which quotes of others it breaks, and whether it was merged.

    goes_on: saving was only the first step, so that nothing is said where nothing was changed.
    """
    if saved.is_new:
        messages.success(request, f"Saved as version {saved.version.number}. Readers see it once it is published.")
    elif not goes_on:
        messages.info(request, "Nothing was changed, so no new version was saved.")
    for words in records.capped(publishing.broken_by(saved.version.page, saved.version.record)):
        messages.warning(request, words)
    if saved.merged:
        messages.warning(request, _merged(saved, request.user))


def _merged(saved: publishing.Saved, by: publishing.By) -> SafeString:
    """Whose versions were merged with what was typed, and the places that came of each, with links to them."""
    record = saved.version.record
    both = (saved.typed or {}, record)
    since = saved.version.page.versions.on_desk().filter(number__gte=saved.base_version)
    versions = list(since.filter(number__lt=saved.version.number + (not saved.is_new)).select_related("by"))
    versions.sort(key=lambda version: version.number)
    form = problems.form_of(saved.entry.kind, saved.entry.pk)
    places: dict[int, dict[str, str]] = defaultdict(dict)
    for one in differences(*both, drafts.names_in(both)):
        wrote = conflicts.last_to_change(one.path, versions) or versions[-1]
        places[wrote.number][one.label] = f"{form}{problems.anchor_of(one.path, record)}"
    of_each = (
        (
            f"your own version {version.number}"
            if version.by == by
            else f"{version.author}’s version {version.number}",
            format_html_join(
                ", ", '<a href="{}">{}</a>', ((url, label) for label, url in places[version.number].items())
            ),
        )
        for version in versions
        if version.number in places
    )
    return format_html(
        "Merged with {}. Review what came of it, then publish.", format_html_join("; ", "{}: {}", of_each)
    )


def tell_result(request: HttpRequest, result: publishing.PublishResult, saved: publishing.Saved, targets: str) -> None:
    """Say how publishing went. targets: address where relations that stay hidden can be published."""
    if result.published:
        _tell_published(request, result.published, targets)
    elif result.blocked_by:
        found = problems.linked(result.blocked_by, {saved.version.page_id: saved.version.record})
        messages.warning(request, format_html("Saved as a draft. Not published:{}", problems.as_list(found)))
    else:
        messages.info(request, "Nothing was changed: readers already see this version.")


def _tell_published(request: HttpRequest, published: publishing.Published, targets: str) -> None:
    """Say what an edition holds, where to see it, and what of it stays hidden."""
    links = format_html_join(", ", '<a href="{}">{}</a>', (_link(version) for version in published.versions))
    number = published.edition.number
    said = 'Published in edition {}: {}. <a href="{}">Undo</a>'
    messages.success(request, format_html(said, number, links, reverse("admin:edition_undo", args=[number])))
    if published.hidden:
        names = ", ".join(records.capped(sorted(drafts.names_of(published.hidden).values())))
        said = (
            "Readers do not see these relations yet, because what they lead to is not live: {}. "
            '<a href="{}">Publish them too</a>'
        )
        messages.warning(request, format_html(said, names, targets))


def _tell_hidden(request: HttpRequest, published: publishing.Published) -> None:
    """Say what an edition leads to and readers do not see."""
    if published.hidden:
        hidden = ", ".join(records.capped(sorted(drafts.names_of(published.hidden).values())))
        messages.warning(request, f"Readers do not see what leads to these, which are not live: {hidden}.")


def tell_published(request: HttpRequest, published: publishing.Published) -> None:
    """Say what an edition of several entries holds, and that it can be undone."""
    number, names = published.edition.number, [version.record["name"] for version in published.versions]
    said = 'Published in edition {}: {}. <a href="{}">Undo</a>'
    undo = reverse("admin:edition_undo", args=[number])
    messages.success(request, format_html(said, number, ", ".join(records.capped(names)), undo))
    _tell_hidden(request, published)


def tell_undone(request: HttpRequest, edition: Edition, published: publishing.Published, stays: int) -> None:
    """Say which edition undid another, how much of it, and how to undo that again. stays: pages that it left alone."""
    number = published.edition.number
    said = 'Edition {} is undone{}, by edition {}. Drafts stay as they are. <a href="{}">Undo</a>'
    rest = f", but for {stays} page{'s' if stays > 1 else ''} that show something else now" if stays else ""
    again = reverse("admin:edition_undo", args=[number])
    messages.success(request, format_html(said, edition.number, rest, number, again))
    _tell_hidden(request, published)


def _link(version: Version) -> tuple[str, str]:
    return page_address(version.record["kind"], version.record["slug"]), version.record["name"]
