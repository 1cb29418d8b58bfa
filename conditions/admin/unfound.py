"""What readers typed and did not find: the list, and adding it to what an entry is found by."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from conditions import drafts, publishing, records, search
from conditions.admin import expired_forms, outcomes
from conditions.admin.autocomplete import choices_of
from conditions.admin.changelists import show_on_site
from conditions.admin.problems import form_of
from conditions.admin.widgets import EntryChoiceField, name_choices
from conditions.models import UnfoundQuery, desk
from conditions.models.desk import VersionedEntry
from conditions.schema import ABOUT, LOOKED_UP, reference_to, split_reference

PER_PAGE = 50
GONE = "That is no longer in the list: somebody else has added it or left it out."


class AddForm(forms.Form):
    use_required_attribute = False
    entry = EntryChoiceField(
        choices_of(ABOUT),
        label="Add it to",
        help_text="What people mean by it: a condition, symptom, treatment or cause.",
        error_messages={"required": "Pick the entry that people mean."},
    )

    def clean_entry(self) -> VersionedEntry:
        """The entry that was picked. ValidationError if there is none."""
        try:
            kind, slug = split_reference(self.cleaned_data["entry"])
        except ValueError:
            kind, slug = LOOKED_UP[0], ""
        found = desk.entries(kind).filter(slug=slug).first() if kind in LOOKED_UP else None
        if found is None:
            raise forms.ValidationError("There is no such entry; pick one from the list.")
        return found


@dataclass(frozen=True)
class Added:
    """What adding a query did. result: how publishing went, if it was tried."""

    saved: publishing.Saved
    result: publishing.PublishResult | None


def may_see(user: publishing.By) -> bool:
    """Whether there is a kind that readers look up and the user may change."""
    return any(publishing.may(user, f"change_{kind.value}") for kind in LOOKED_UP)


def listed(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """What was typed three times or more, the most frequent first."""
    _require(request)
    part = Paginator(UnfoundQuery.objects.shown(), PER_PAGE).get_page(request.GET.get("page"))
    return show_on_site(site, request, "unfound", "What people did not find", part=part)


def add(site: admin.AdminSite, request: HttpRequest, query_id: int) -> HttpResponse:
    """Ask for the entry that a query means, which search may know, and add the query to what it is found by."""
    _require(request)
    publishes = "_publish" in request.POST
    if publishes and not publishing.may(request.user, "publish_version"):
        raise PermissionDenied
    query = _query(query_id)
    if query is None:
        return _to_list(request, GONE)
    status = 200
    if request.method == "POST":
        form = AddForm(request.POST, label_suffix="")
        try:
            if form.is_valid():
                return _keep(site, request, query, form.cleaned_data["entry"], publishes)
        except (publishing.Refused, records.InvalidRecord) as error:
            for problem in records.capped([str(problem) for problem in error.problems]):
                form.add_error(None, problem)
        except publishing.NotAllowed as error:
            form.add_error(None, str(error))
        except expired_forms.FAILURES as error:
            expired_forms.log.error("A save failed: %s", error)
            form.add_error(None, expired_forms.BUSY)
            status = 503
    else:
        form = AddForm(initial={"entry": _nearest(query.text)}, label_suffix="")
    name_choices([form])
    may_publish = publishing.may(request.user, "publish_version")
    context = {"query": query, "form": form, "media": form.media, "may_publish": may_publish}
    response = show_on_site(site, request, "unfound_add", f"Add “{query.text}” to an entry", **context)
    response.status_code = status
    return response


def leave_out(site: admin.AdminSite, request: HttpRequest, query_id: int) -> HttpResponse:
    """Take a query off the list."""
    _require(request)
    query = _query(query_id)
    if query is None or not query.delete()[0]:
        return _to_list(request, GONE)
    messages.success(request, f"“{query.text}” was left out. It comes back if it is typed three more times.")
    return _to_list(request)


def _require(request: HttpRequest) -> None:
    if not may_see(request.user):
        raise PermissionDenied


def _query(query_id: int) -> UnfoundQuery | None:
    return UnfoundQuery.objects.shown().filter(pk=min(query_id, 2**63 - 1)).first()


def _to_list(request: HttpRequest, warning: str = "") -> HttpResponse:
    if warning:
        messages.warning(request, warning)
    return HttpResponseRedirect(reverse("admin:unfound"))


def _nearest(text: str) -> str:
    """A reference to the entry of the page that search shows first for a text; empty if it shows none."""
    for page, kind in search.find(text).pages.items():
        entry = desk.entries(kind).filter(page=page).first() if kind in LOOKED_UP else None
        if entry:
            return reference_to(kind, entry.slug)
    return ""


def _keep(
    site: admin.AdminSite, request: HttpRequest, query: UnfoundQuery, entry: VersionedEntry, publishes: bool
) -> HttpResponse:
    """Add a query to what an entry is found by, take it off the list, and say what was done."""
    with publishing.write_lock():
        if not query.delete()[0]:
            return _to_list(request, GONE)
        added = _add(query.text, entry, by=request.user, publishes=publishes)
        saved = added.saved
        words = f"Version {saved.version.number} saved."
        site.get_model_admin(type(saved.entry)).log_change(request, saved.entry, words)
    name, form = saved.entry.name, form_of(saved.entry.kind, saved.entry.pk)
    if not saved.is_new:
        said = '<a href="{}">{}</a> is found by “{}” already, so nothing was added. It is off the list.'
        messages.info(request, format_html(said, form, name, query.text))
        return _to_list(request)
    said = '“{}” was added to what <a href="{}">{}</a> is found by.'
    messages.success(request, format_html(said, query.text, form, name))
    if added.result:
        targets = reverse(f"admin:conditions_{saved.entry.kind.value}_targets", args=[saved.entry.pk])
        outcomes.tell_result(request, added.result, saved, targets)
        return _to_list(request)
    outcomes.tell_saved(request, saved)
    if publishes:
        said = '“{}” has other changes that readers do not see, so it was not published: <a href="{}">review it</a>.'
        messages.warning(request, format_html(said, name, form))
    return _to_list(request)


def _add(text: str, entry: VersionedEntry, *, by: publishing.By, publishes: bool) -> Added:
    """Save an entry as it is now, with a text more that it is found by. Call it in the transaction that saves.

    publishes: it goes out, if readers see all else that it says. Errors: NotAllowed; InvalidRecord; Refused if it is
    gone.
    """
    fresh = desk.entries(entry.kind).filter(pk=entry.pk).first()
    if fresh is None:
        raise publishing.Refused([f"“{entry.name}” was deleted at this moment; pick another."])
    record = drafts.read(fresh)
    newest = publishing.newest(fresh.page) if fresh.page else None
    live = newest.page.live if newest else None
    is_seen = live is not None and newest is not None and live.digest == newest.digest
    is_seen = is_seen and newest is not None and publishing.same_content(newest, record)
    wanted = record | {"found_by": [*record["found_by"], text]}
    saved = publishing.save(record=wanted, entry=fresh, by=by, comment="Added what people typed and did not find.")
    goes_out = publishes and is_seen
    return Added(saved, publishing.try_to_publish(versions=[saved.version], by=by) if goes_out else None)
