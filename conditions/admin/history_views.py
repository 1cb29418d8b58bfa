"""What an entry said before: its versions, what two of them differ in, and one of them as readers would see it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from conditions import drafts, publishing, records
from conditions.admin import preview
from conditions.admin.changelists import EntryList
from conditions.admin.decisions import said_of
from conditions.admin.entry_views import entry_of, entry_page, show, to_form, version_of
from conditions.admin.queries import whole_number
from conditions.differences import differences as differing
from conditions.models.desk import VersionedEntry
from conditions.models.published import Change, Decision, Page, Version

VERSIONS_PER_PAGE = 50
MOST_CHOICES = 200
"""The newest versions that can be chosen to compare; the history leads to the others."""
LIVE, DRAFT = "live", "draft"
"""What is compared besides numbered versions, as the address says it."""


def history(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Every version, newest first: who, when, what it changed, what was decided about it, and when readers saw it."""
    entry = entry_of(admin, request, object_id)
    versions = Version.objects.filter(page=entry.page_id).select_related("by").order_by("-number")
    part = Paginator(versions, VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    page = entry_page(entry).first()
    return show(
        admin,
        request,
        "history",
        f"History of “{entry.name}”",
        entry,
        part=part,
        shown=_with_differences(list(part.object_list), page),
        live=page.live_id if page else None,
        may_change=admin.has_change_permission(request, entry),
    )


def _with_differences(versions: list[Version], page: Page | None) -> list[dict[str, object]]:
    if page is None:
        return []
    proposed = set(versions_proposed(versions))
    desk_versions = [version for version in versions if version.pk not in proposed]
    oldest = versions[-1].number if versions else 0
    earlier = page.versions.on_desk().filter(number__lt=oldest).order_by("-number").first()
    moves, decisions = _moves(page, versions), _decisions(versions)
    some = [*versions, *([earlier] if earlier else [])]
    said = dict(zip((version.pk for version in some), drafts.current_records(some), strict=True))
    names = drafts.names_in(said.values())
    shown = []
    for version in versions:
        older = [one for one in desk_versions if one.number < version.number] + ([earlier] if earlier else [])
        before = said[older[0].pk] if older else None
        shown.append(
            {
                "version": version,
                "is_live": version.pk == page.live_id,
                "is_newest": bool(desk_versions)
                and version == desk_versions[0]
                and versions[0].number >= version.number,
                "is_proposal": version.pk in proposed,
                "moves": moves[version.pk],
                "decisions": decisions.get(version.pk, []),
                "differences": differing(before, said[version.pk], names) if before else [],
            }
        )
    return shown


def _moves(page: Page, versions: list[Version]) -> dict[int, list[tuple[str, Change]]]:
    """What editions did with each of the versions, oldest first: "Published", "Withdrawn" or "Published again"."""
    found: dict[int, list[tuple[str, Change]]] = {version.pk: [] for version in versions}
    for change in Change.objects.filter(page=page).order_by("edition_id"):
        came, went = found.get(change.after_id or 0), found.get(change.before_id or 0)
        if came is not None:
            came.append(("Published again" if came else "Published", change))
        elif went is not None and change.after_id is None:
            went.append(("Withdrawn", change))
    return found


def _decisions(versions: list[Version]) -> dict[int, list[tuple[Decision, str]]]:
    """What was decided about each of the versions, oldest first, and with what words."""
    found: dict[int, list[tuple[Decision, str]]] = defaultdict(list)
    decisions = Decision.objects.filter(version__in=versions).select_related("version__page", "by", "asked")
    for decision in decisions.defer("version__record").order_by("pk"):
        found[decision.version_id].append((decision, said_of(decision)))
    return found


def versions_proposed(versions: list[Version]) -> list[int]:
    """The ids of those versions that a file proposed and that were never on the desk."""
    ids = [version.pk for version in versions]
    on_desk = set(Version.objects.on_desk().filter(pk__in=ids).values_list("pk", flat=True))
    return [pk for pk in ids if pk not in on_desk]


# What differs


@dataclass(frozen=True)
class Side:
    """One of two texts that are compared. value: what the address calls it."""

    value: str
    words: str
    record: records.RecordLike


def differences(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """What two versions differ in, place by place. ?from= and ?to= are a number, "live" or "draft".

    Without them, or where there is no such version, it is what readers see and the draft.
    """
    entry = entry_of(admin, request, object_id)
    page = entry_page(entry).select_related("live").first()
    before = _side(entry, page, request.GET.get("from", "")) or _side(entry, page, LIVE)
    after = _side(entry, page, request.GET.get("to", "")) or _side(entry, page, DRAFT)
    both = (before.record, after.record) if before and after else None
    return show(
        admin,
        request,
        "differs",
        f"What differs: “{entry.name}”",
        entry,
        before=before,
        after=after,
        choices=_choices(page),
        differences=differing(*both, drafts.names_in(both)) if both else [],
    )


def _side(entry: VersionedEntry, page: Page | None, value: str) -> Side | None:
    """What the address names; None where there is no such thing."""
    if value == DRAFT:
        return Side(DRAFT, "the draft", drafts.read(entry))
    if page is None:
        return None
    if value == LIVE:
        live = page.live
        return Side(LIVE, f"version {live.number}, which readers see", drafts.current_record(live)) if live else None
    number = whole_number(value)
    version = page.versions.filter(number=number).first()
    return Side(str(number), f"version {number}", drafts.current_record(version)) if version else None


def _choices(page: Page | None) -> list[tuple[str, str]]:
    """What can be compared, and what it is called in a list."""
    if page is None:
        return []
    found = [(DRAFT, "The draft")]
    found += [(LIVE, f"What readers see: version {page.live.number}")] if page.live else []
    versions = page.versions.select_related("by").defer("record").order_by("-number")[:MOST_CHOICES]
    for one in versions:
        when = date_format(localtime(one.at), "DATETIME_FORMAT")
        found.append((str(one.number), f"Version {one.number}, {when}, {one.author}"))
    return found


def newest(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Which version is the newest, and who saved it: what an open form asks once a minute. It only reads.

    The session is as old afterwards as before: a form that is left open keeps nobody logged in.
    """
    entry = entry_of(admin, request, object_id)
    versions = Version.objects.on_desk().filter(page=entry.page_id).select_related("by").defer("record")
    found = versions.order_by("-number").first() if entry.page_id else None
    said = {"number": found.number, "author": found.author, "mine": found.by == request.user} if found else {}
    return JsonResponse(said)


def discard(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Say what goes if the draft is thrown away; on a POST, put back what readers see."""
    entry = entry_of(admin, request, object_id, may=admin.has_change_permission(request))
    found: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            saved = publishing.discard(entry=entry, by=request.user, seen=_seen(request))
        except (publishing.Refused, records.InvalidRecord) as error:
            found = records.capped([str(problem) for problem in error.problems])
        else:
            said = f"The draft says what readers see, as version {saved.version.number}."
            messages.success(request, f"{said} What it said stays in the history.")
            return to_form(admin, saved.entry)
    page = entry_page(entry).select_related("live").first()
    live, newest = (page.live, publishing.newest(page)) if page else (None, None)
    both = (drafts.current_record(live), drafts.read(entry)) if live else None
    return show(
        admin,
        request,
        "discard",
        f"Throw the draft of “{entry.name}” away",
        entry,
        live=live,
        newest=newest,
        problems=found,
        differences=differing(*both, drafts.names_in(both)) if both else [],
    )


def _seen(request: HttpRequest) -> tuple[int, int]:
    """The newest version and the live one, as the page that was sent back showed them; 0 where it says none."""
    newest, _, live = request.POST.get("seen", "").partition("-")
    return whole_number(newest), whole_number(live)


def read(admin: EntryList, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
    """The page as a version has it, as readers would see it now."""
    entry = entry_of(admin, request, object_id)
    return preview.show(request, version_of(entry, number), admin.address("history", entry.pk), is_old=True)
