"""When a version of an entry goes live: the page on which a Publisher says so, and what its form says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from conditions import publishing, site_time
from conditions.admin import expired_forms, problems
from conditions.admin.changelists import EntryList
from conditions.admin.entry_views import entry_of, entry_page, show, to_form, version_of
from conditions.admin.queries import whole_number
from conditions.models.desk import VersionedEntry
from conditions.models.published import Decision, Page, Version


@dataclass(frozen=True)
class Planned:
    """What was decided last about an entry's schedule. due: when its version goes live, or was to, in words."""

    decision: Decision
    due: str

    @property
    def version(self) -> Version:
        return self.decision.version

    @property
    def has_failed(self) -> bool:
        return self.decision.verb == Decision.Verb.FAIL

    @property
    def why(self) -> list[str]:
        """Why it could not go live."""
        return self.decision.note.splitlines()


def planned_for(entry: VersionedEntry) -> Planned | None:
    """What waits for its time of an entry, or could not go live."""
    found = publishing.planned(entry.page_id) if entry.page_id else None
    return Planned(found, site_time.words(found.due)) if found and found.due else None


class TimeForm(forms.Form):
    """Which version goes live when. `at`: the moment that was typed, once the form is valid."""

    use_required_attribute = False
    version = forms.TypedChoiceField(coerce=int)
    day = forms.DateField(
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": "Choose a day.", "invalid": "Write the day as 2026-12-31."},
    )
    hour = forms.TimeField(
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M"],
        label="Time",
        error_messages={"required": "Choose a time.", "invalid": "Write the time as 09:00 or 21:30."},
    )

    def __init__(self, choices: list[tuple[int, str]], **options: Any) -> None:
        """choices: the numbers of versions, and what they are called."""
        super().__init__(label_suffix="", **options)
        self.fields["version"].choices = choices  # type: ignore[attr-defined]
        self.fields["hour"].help_text = f"{site_time.zone_words()}."
        if len(choices) == 1:
            self.fields["version"].widget = forms.HiddenInput()
        self.at: datetime | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "day" in cleaned and "hour" in cleaned:
            try:
                self.at = site_time.moment(cleaned["day"], cleaned["hour"])
            except site_time.NoSuchTime as error:
                self.add_error("hour", str(error))
        return cleaned


def schedule(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask when a version is to go live, check it, and do what the button then says; move it, or take it back."""
    entry = entry_of(admin, request, object_id, may=publishing.may(request.user, "publish_version"))
    not_saved, found = expired_forms.why_not_saved(request), list[str]()
    if request.method == "POST" and not not_saved:
        try:
            if said := _decide(request, entry):
                messages.success(request, said)
                return to_form(admin, entry)
        except publishing.Refused as error:
            found = list(error.problems)
    page = entry_page(entry).select_related("live").first()
    newest, planned = (publishing.newest(page), planned_for(entry)) if page else (None, None)
    sent = version_of(entry, number) if (number := _number(request)) else None
    approved = _approved(page)
    versions = _choices(page, newest, approved, planned, sent)
    form, at, version = _form(request, versions, _said(newest, approved, planned), planned)
    if at and version and not found:
        found = publishing.schedule_problems(version=version, at=at)
    return show(
        admin,
        request,
        "schedule",
        f"Schedule “{entry.name}”",
        entry,
        form=form if versions else None,
        newest=newest,
        planned=planned,
        problems=problems.linked(found, {entry.page_id: version.record} if version else None),
        version=version,
        at=at,
        words=site_time.words(at) if at else "",
        typed_by=expired_forms.owner_token(request.user),
        not_saved=not_saved,
    )


def _decide(request: HttpRequest, entry: VersionedEntry) -> str:
    """Do what the pressed button says; what was done, in words. Empty where a time is only checked. Errors: Refused."""
    if "_cancel" in request.POST:
        version = version_of(entry, _number(request))
        try:
            publishing.cancel(version=version, by=request.user)
        except publishing.Refused as error:
            return " ".join(error.problems)
        return f"Version {version.number} is not scheduled any more."
    at = _moment(request)
    if at is None:
        return ""
    version = version_of(entry, _number(request))
    publishing.schedule(version=version, at=at, by=request.user)
    return f"Version {version.number} goes live {site_time.words(at)}."


def _number(request: HttpRequest) -> int:
    """The number of the version that a form names; 0 where it names none."""
    return whole_number(request.POST.get("version", ""))


def _moment(request: HttpRequest) -> datetime | None:
    """The moment that the pressed button names; None where it names none."""
    try:
        at = datetime.fromisoformat(request.POST.get("at", ""))
        return timezone.localtime(at) if timezone.is_aware(at) else None
    except (ValueError, OverflowError):
        return None


def _approved(page: Page | None) -> Version | None:
    """The version that was approved last, if no new review of it is due."""
    decision = publishing.standing(page).approved
    return decision.version if decision and decision.holds(timezone.now()) else None


def _choices(
    page: Page | None,
    newest: Version | None,
    approved: Version | None,
    planned: Planned | None,
    sent: Version | None,
) -> dict[int, Version]:
    """The versions to choose from, by number: what waits, what was sent, the newest and the approved one if news."""
    found = [planned.version] if planned and not planned.has_failed else []
    found += [sent] if sent else []
    live = page.live if page else None
    for version in (newest, approved):
        if version and (live is None or (version.number > live.number and version.digest != live.digest)):
            found.append(version)
    return {version.number: version for version in found}


def _form(
    request: HttpRequest, versions: dict[int, Version], said: dict[int, str], planned: Planned | None
) -> tuple[TimeForm, datetime | None, Version | None]:
    """The form, and the moment and the version that were chosen, if they were."""
    names = [(number, f"Version {number}{said.get(number, '')}") for number in versions]
    at, number = _moment(request), _number(request) or next(iter(versions), 0)
    if request.method == "POST" and at is None and "_cancel" not in request.POST:
        form = TimeForm(names, data={**request.POST.dict(), "version": number})
        return form, form.at if form.is_valid() else None, versions.get(number)
    waits = planned.decision.due if planned and not planned.has_failed else None
    due = timezone.localtime(waits) if waits else None
    shown = at or due
    initial = {"version": number, "day": shown and shown.date(), "hour": shown and shown.time()}
    return TimeForm(names, initial=initial), at, versions.get(number)


def _said(newest: Version | None, approved: Version | None, planned: Planned | None) -> dict[int, str]:
    """What is said of versions, by number, where one is chosen."""
    waits = planned.version if planned and not planned.has_failed else None
    said = ((waits, "scheduled now"), (approved, "approved"), (newest, "the newest"))
    out: dict[int, str] = {}
    for version, words in said:
        if version:
            out[version.number] = f"{out.get(version.number, '')}, {words}"
    return out
