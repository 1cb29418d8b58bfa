"""Editions for editors: what each moved, with what differs, and undoing one."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page as Part
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html

from conditions import drafts, publishing
from conditions.admin import expired_forms, outcomes, problems
from conditions.admin.changelists import show_on_site
from conditions.admin.entry_views import as_links
from conditions.admin.problems import form_of
from conditions.admin.queries import whole_number
from conditions.differences import Difference, differences
from conditions.models import desk
from conditions.models.published import Change, Edition
from conditions.schema import Kind
from conditions.usage import Use, left_without_help, seen_on

EDITIONS_PER_PAGE = 50
CHANGES_PER_PAGE = 20
MOST_NAMES = 20
"""Names of pages that are listed of each thing that undoing would do."""


def _require_view(request: HttpRequest) -> None:
    """PermissionDenied unless the user may see entries of some kind."""
    if not any(publishing.may(request.user, f"view_{kind.value}") for kind in Kind):
        raise PermissionDenied


def _edition(number: int) -> Edition:
    """An edition that readers saw. Http404."""
    return get_object_or_404(Edition.objects.exclude(number=0), number=min(number, 2**31 - 1))


def listed(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """All editions, the newest first: when, who, why and how much."""
    _require_view(request)
    found = Edition.objects.exclude(number=0).select_related("by")
    part = Paginator(found, EDITIONS_PER_PAGE).get_page(request.GET.get("page"))
    return show_on_site(site, request, "editions", "Editions", part=part)


@dataclass(frozen=True)
class Move:
    """What an edition did to a page, in words, and what differs. url: the form of its entry, if it is on the desk."""

    name: str
    kind: str
    did: str
    url: str
    reason: str
    differences: list[Difference]


def shown(site: admin.AdminSite, request: HttpRequest, number: int) -> HttpResponse:
    """What an edition moved, page by page, each with what differs folded."""
    _require_view(request)
    edition = _edition(number)
    changes = Change.objects.filter(edition=edition).select_related("page", "before", "after").order_by("place")
    part = Paginator(changes, CHANGES_PER_PAGE).get_page(request.GET.get("page"))
    return show_on_site(
        site,
        request,
        "edition",
        f"Edition {number}",
        edition=edition,
        part=part,
        moves=_moves(part),
        may_undo=publishing.may(request.user, "publish_version"),
    )


def _moves(part: Part[Change]) -> list[Move]:
    changes = list(part.object_list)
    both = [version.record for change in changes for version in (change.before, change.after) if version]
    names = drafts.names_in(both)
    at = _forms(changes)
    found = []
    for change in changes:
        version = change.after or change.before
        assert version is not None, "a constraint has it so"
        was, now = (one.record if one else None for one in (change.before, change.after))
        differs = differences(was, now, names) if was and now else []
        kind, url = Kind(change.page.kind).label, at.get(change.page_id, "")
        found.append(Move(version.record["name"], kind, _did(change), url, change.reason, differs))
    return found


def _did(change: Change) -> str:
    if change.after is None:
        return "withdrawn"
    if change.before is None:
        return f"version {change.after.number} published"
    return f"version {change.before.number} replaced by version {change.after.number}"


def _forms(changes: list[Change]) -> dict[int, str]:
    """The forms of the entries of pages, by page."""
    found: dict[int, str] = {}
    for kind in {Kind(change.page.kind) for change in changes}:
        pages = [change.page_id for change in changes if change.page.kind == kind]
        ids = desk.entries(kind).filter(page__in=pages).values_list("page", "pk")
        found |= {page: form_of(kind, pk) for page, pk in ids if page}
    return found


# Undo


class UndoForm(forms.Form):
    use_required_attribute = False
    reason = forms.CharField(
        widget=forms.Textarea({"rows": 3}),
        label="Reason for withdrawing",
        help_text="Readers who come to a page that is withdrawn see it. One plain sentence.",
        error_messages={"required": "Write why pages are withdrawn."},
    )
    confirmed = forms.BooleanField(
        label="Undo it all the same",
        error_messages={"required": "Confirm that these pages are left without a word on what to do."},
    )

    def __init__(self, data: QueryDict | None, *, wants_reason: bool, is_confirmed: bool) -> None:
        """What is not to be said has no field. is_confirmed: nothing has to be confirmed."""
        super().__init__(data, label_suffix="")
        left = {"reason": wants_reason, "confirmed": not is_confirmed}
        self.fields = {name: field for name, field in self.fields.items() if left[name]}


def undo(site: admin.AdminSite, request: HttpRequest, number: int) -> HttpResponse:
    """Say what undoing an edition does to each of its pages; on a POST, do it."""
    if not publishing.may(request.user, "publish_version"):
        raise PermissionDenied
    edition, not_saved = _edition(number), expired_forms.why_not_saved(request)
    plan = publishing.plan_undo(edition)
    data = request.POST if request.method == "POST" else None
    gone = list(plan.withdrawn.values_list("page", flat=True))
    shows, helpless = seen_on(gone), left_without_help(gone)
    form = UndoForm(data, wants_reason=plan.wants_reason, is_confirmed=not helpless)
    refused: list[problems.Linked] = []
    if data is not None and not not_saved and form.is_valid():
        try:
            reason = form.cleaned_data.get("reason", "")
            stays, seen = plan.stays.count(), whole_number(data.get("seen", ""))
            published = publishing.undo(edition=edition, by=request.user, reason=reason, seen=seen)
        except publishing.Refused as error:
            refused = problems.linked(error.problems)
            plan = publishing.plan_undo(edition)
        else:
            outcomes.tell_undone(request, edition, published, stays)
            _tell_shown(request, shows)
            return HttpResponseRedirect(reverse("admin:edition", args=[published.edition.number]))
    return show_on_site(
        site,
        request,
        "edition_undo",
        f"Undo edition {number}",
        edition=edition,
        parts=[_named(title, changes) for title, changes in _said(plan) if changes.exists()],
        may_undo=(plan.back.exists() or plan.withdrawn.exists()) and not plan.deleted.exists(),
        deleted=_named("Deleted", plan.deleted),
        shows=shows,
        helpless=helpless,
        seen=publishing.newest_edition(),
        form=form,
        problems=refused,
        typed_by=expired_forms.owner_token(request.user),
        not_saved=not_saved,
    )


def _tell_shown(request: HttpRequest, shows: list[Use]) -> None:
    if shows:
        said = format_html("Live pages that no longer show what was withdrawn:{}", as_links(shows))
        messages.warning(request, said)


def _said(plan: publishing.Undoing) -> list[tuple[str, QuerySet[Change]]]:
    return [
        ("Go back to what they were", plan.back),
        ("Were not there before it, and are withdrawn", plan.withdrawn),
        ("Show something else now, and stay as they are", plan.stays),
    ]


@dataclass(frozen=True)
class Named:
    """Pages to which undoing does the same: how many, and what the first of them are called."""

    title: str
    count: int
    names: list[str]

    @property
    def more(self) -> int:
        return self.count - len(self.names)


def _named(title: str, changes: QuerySet[Change]) -> Named:
    first = [change.page for change in changes.select_related("page")[:MOST_NAMES]]
    names = drafts.names_of(first)
    return Named(title, changes.count(), [names[page.pk] for page in first])
