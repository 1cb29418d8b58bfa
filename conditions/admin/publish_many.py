"""Publishing several entries in one edition: each with what differs, what comes along and what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from conditions import drafts, publishing
from conditions.admin import expired_forms, outcomes, problems
from conditions.admin.changelists import show_on_site
from conditions.admin.problems import Linked, form_of
from conditions.admin.queries import whole_number
from conditions.differences import Difference, differences
from conditions.models.published import Page, Version
from conditions.schema import Kind

MOST = 100
"""Entries that are published at once from a list: as many as two of its pages hold."""


class NoteForm(forms.Form):
    use_required_attribute = False
    note = forms.CharField(
        required=False,
        max_length=300,
        help_text="Readers see it in the list of changes. One plain sentence, or nothing.",
    )

    def clean_note(self) -> str:
        """The note. ValidationError where it would pass for what the site says of undoing."""
        note: str = self.cleaned_data["note"]
        if note.startswith(publishing.UNDOES):
            raise forms.ValidationError("That is what the site says by itself. Use other words.")
        return note


@dataclass(frozen=True)
class Item:
    """An entry that was chosen. news: what its being live is to readers, if it is not. problems: what is in its way."""

    version: Version
    name: str
    kind: str
    url: str
    news: str
    differences: list[Difference]
    problems: list[Linked]
    review: str


def publish(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """What publishing the newest versions of ?page= would do, or those of ?version=; a POST publishes what is shown."""
    if not publishing.may(request.user, "publish_version"):
        raise PermissionDenied
    # From the form too: after logging in again, what was sent comes back without the query.
    pages = _numbers(request.POST.getlist("page") or request.GET.getlist("page"))
    newest = _asked_for(request, pages[:MOST])
    lives = dict(Page.objects.live().filter(pk__in=newest).values_list("pk", "live__digest"))
    live = {page for page, digest in lives.items() if newest[page].digest == digest}
    found = publishing.readiness([one for page, one in newest.items() if page not in live])
    not_saved, refused = expired_forms.why_not_saved(request), list[Linked]()
    form = NoteForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and not not_saved and form.is_valid():
        versions = _shown(_numbers(request.POST.getlist("version")))
        try:
            published = publishing.publish(versions=versions, by=request.user, note=form.cleaned_data["note"])
        except publishing.Refused as error:
            refused = problems.linked(error.problems, {one.page_id: one.record for one in versions})
        else:
            outcomes.tell_published(request, published)
            return HttpResponseRedirect(reverse("admin:edition", args=[published.edition.number]))
    chosen = [one for page, one in newest.items() if page not in live]
    return show_on_site(
        site,
        request,
        "publish",
        f"Publish {len(chosen)} {'entry' if len(chosen) == 1 else 'entries'}",
        items=_items(chosen, found),
        ready=found.ready,
        along=[(one.record["name"], Kind(one.record["kind"]).label) for one in found.along],
        seen=[newest[page].record["name"] for page in sorted(live)],
        left_out=max(0, len(pages) - MOST),
        pages=pages,
        form=form,
        problems=refused,
        typed_by=expired_forms.owner_token(request.user),
        not_saved=not_saved,
    )


def _asked_for(request: HttpRequest, pages: Sequence[int]) -> dict[int, Version]:
    """The version of each page that is to be published: the one that is named, or the newest."""
    newest = publishing.newest_of(pages)
    asked = request.POST.getlist("version") or request.GET.getlist("version")
    newest |= {one.page_id: one for one in _shown(_numbers(asked)) if one.page_id in newest}
    for page in Page.objects.filter(pk__in=newest):
        newest[page.pk].page = page
    return newest


def _numbers(values: Sequence[str]) -> list[int]:
    """Ids, each once; what is none is passed over."""
    return list(dict.fromkeys(filter(None, map(whole_number, values))))


def _shown(numbers: Sequence[int]) -> list[Version]:
    """The versions that were shown as ready, which may be others than the newest by now."""
    return list(Version.objects.filter(pk__in=numbers[:MOST]).select_related("page").order_by("page_id"))


def _items(versions: Sequence[Version], found: publishing.Readiness) -> list[Item]:
    lives = {one.page_id: one for one in Version.objects.filter(live_on__in=[version.page_id for version in versions])}
    some = [*versions, *lives.values()]
    said = dict(zip((one.pk for one in some), drafts.current_records(some), strict=True))
    names = drafts.names_in(said.values())
    forms_of = drafts.entries_of(version.page_id for version in versions)
    known: problems.Records = {version.page_id: version.record for version in versions}
    links = problems.linked([one for some in found.blocked.values() for one in some], known)
    of_page: dict[int, list[Linked]] = {}
    for page, link in zip((page for page, some in found.blocked.items() for _ in some), links, strict=True):
        of_page.setdefault(page, []).append(link)
    stands = publishing.standings(of.page_id for of in versions)
    items = []
    for version in sorted(versions, key=lambda one: (one.record["kind"], one.record["name"])):
        was = lives.get(version.page_id)
        kind, pk, name = forms_of.get(version.page_id, (Kind(version.record["kind"]), 0, version.record["name"]))
        items.append(
            Item(
                version,
                name,
                kind.label,
                form_of(kind, pk) if pk else "",
                "" if was else "for the first time" if version.page.edition_id is None else "again",
                differences(said[was.pk], said[version.pk], names) if was else [],
                problems.first_of(of_page.get(version.page_id, [])),
                _review(version, stands.get(version.page_id)),
            )
        )
    return items


def _review(version: Version, stands: publishing.Standing | None) -> str:
    """Where the review of exactly this version stands, in words."""
    if stands and stands.approved and stands.approved.version_id == version.pk:
        holds = stands.approved.holds(timezone.now())
        return f"approved by {stands.approved.name}" if holds else "due for a new review"
    if stands and stands.last and stands.last.version_id == version.pk:
        return "waits for review" if stands.request else "was sent back" if stands.sent_back else "not reviewed"
    return "not reviewed"
