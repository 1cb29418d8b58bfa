"""The links by which people without an account see an entry: those that work, making one, ending one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from conditions import publishing, records
from conditions.admin.changelists import EntryList
from conditions.admin.entry_views import entry_of, entry_page, show
from conditions.guards import site_of
from conditions.models.desk import VersionedEntry
from conditions.models.published import Decision
from conditions.publishing import Shows


@dataclass(frozen=True)
class LinkRow:
    """A link that works, as the page lists it."""

    link: Decision
    address: str
    shows_live: bool

    @classmethod
    def of(cls, link: Decision, request: HttpRequest) -> Self:
        path = reverse("shared_preview", args=[publishing.token_of(link)])
        return cls(link, f"{site_of(request)}{path}", link.note == Shows.LIVE)


def share(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """The links to an entry that work; on a POST, make one, or end the one that `revoke` names."""
    entry = entry_of(admin, request, object_id, may=admin.has_change_permission(request))
    found: Sequence[str] = ()
    if request.method == "POST":
        if "revoke" in request.POST:
            _revoke(request, entry)
        else:
            found = _make(request, entry)
        if not found:
            return HttpResponseRedirect(admin.address("share", entry.pk))
    page = entry_page(entry).select_related("live").first()
    return show(
        admin,
        request,
        "share",
        f"Share a preview of “{entry.name}”",
        entry,
        live=page.live if page else None,
        newest=publishing.newest(page) if page else None,
        links=[LinkRow.of(link, request) for link in publishing.links_of(page)] if page else [],
        problems=found,
    )


def _make(request: HttpRequest, entry: VersionedEntry) -> Sequence[str]:
    """Make a link to what the form says; what is in the way, if anything is."""
    shows = Shows.LIVE if request.POST.get("shows") == Shows.LIVE else Shows.NEWEST
    try:
        link = publishing.share(entry=entry, shows=shows, by=request.user)
    except (publishing.Refused, records.InvalidRecord) as error:
        return records.capped([str(problem) for problem in error.problems])
    until = date_format(localtime(link.due), "DATETIME_FORMAT")
    messages.success(request, f"The link was made, and works until {until}. Copy it from the list.")
    return ()


def _revoke(request: HttpRequest, entry: VersionedEntry) -> None:
    """End a link of the entry, and say so."""
    page = entry_page(entry).first()
    links = {str(link.pk): link for link in publishing.links_of(page)} if page else {}
    if link := links.get(request.POST["revoke"]):
        publishing.unshare(link=link, by=request.user)
        messages.success(request, "The link was revoked. It does not work any more.")
    else:
        messages.info(request, "That link had ended already.")
