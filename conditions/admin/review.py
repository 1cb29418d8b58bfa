"""Sending a version for review, and the page on which it is reviewed: what changed, and the words that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone

from conditions import drafts, publishing
from conditions.admin import expired_forms
from conditions.admin.changelists import EntryList
from conditions.admin.decisions import remarks_in_words
from conditions.admin.entry_views import entry_of, entry_page, show, to_form, version_of
from conditions.admin.mail import tell_asked, tell_decided
from conditions.admin.queries import whole_number
from conditions.admin.review_places import path_of, places_of
from conditions.admin.widgets import BROUGHT_BACK
from conditions.differences import differences
from conditions.models.desk import VersionedEntry
from conditions.models.people import Credentials
from conditions.models.published import Decision, Version
from conditions.publishing import MONTHS, Remark

KEPT = "This is what you typed here and did not send. Read it, then decide."


class SendForm(forms.Form):
    """Whom to ask, and what to tell them."""

    use_required_attribute = False
    asked = forms.ChoiceField(label="Who", required=False)
    note = forms.CharField(
        label="Note for them",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What to look at, if it is not all of it.",
    )

    def __init__(self, able: Sequence[User], data: QueryDict | None, before: int | None) -> None:
        """able: who may review it. before: the id of whom was asked, or decided, the last time."""
        super().__init__(data, label_suffix="", initial={"asked": str(before or "")})
        people = [(str(user.pk), user.get_full_name() or user.username) for user in able]
        self.fields["asked"].choices = [("", "Anyone who may review it"), *people]  # type: ignore[attr-defined]
        self.able = {str(user.pk): user for user in able}

    def person(self) -> User | None:
        """Who was chosen; None is anyone."""
        return self.able.get(self.cleaned_data["asked"])


def send(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Send the newest version for review, or take it back. What it differs in is said before."""
    entry = entry_of(admin, request, object_id, may=admin.has_change_permission(request))
    page = entry_page(entry).select_related("live").first()
    version = publishing.newest(page) if page else None
    if version is None:
        messages.warning(request, f"{entry.name} was never saved here. Save it, then send it.")
        return to_form(admin, entry)
    stands = publishing.standing(page)
    last = stands.sent_back or stands.approved
    data = request.POST if request.method == "POST" else None
    form = SendForm(publishing.reviewers(version), data, last.by_id if last else None)
    not_saved = expired_forms.why_not_saved(request)
    refused: tuple[str, ...] = ()
    if request.method == "POST" and not not_saved and form.is_valid():
        try:
            _send(request, entry, version_of(entry, _number(request, version)), form)
        except publishing.Refused as error:
            refused = error.problems
        else:
            return to_form(admin, entry)
    base = _base(version, stands, version.page.live)
    both = (drafts.current_record(base), drafts.current_record(version)) if base else None
    return show(
        admin,
        request,
        "send_review",
        f"Version {version.number} of “{entry.name}”: review" if stands.request else f"Send “{entry.name}” for review",
        entry,
        form=form,
        version=version,
        base=base,
        stands=stands,
        is_approved=publishing.is_approved(version, stands, timezone.now()),
        differences=differences(*both, drafts.names_in(both)) if both else [],
        asked_before=_asked_before(stands, version),
        problems=refused,
        typed_by=expired_forms.owner_token(request.user),
        not_saved=not_saved,
    )


def _send(request: HttpRequest, entry: VersionedEntry, version: Version, form: SendForm) -> None:
    if "_take_back" in request.POST:
        publishing.take_back(version=version, by=request.user)
        messages.success(request, f"Version {version.number} was taken back. It no longer waits for review.")
        return
    asked = form.person()
    publishing.submit(version=version, by=request.user, asked=asked, note=form.cleaned_data["note"])
    who = asked.get_full_name() or asked.username if asked else "anyone who may review it"
    messages.success(request, f"Version {version.number} waits for review by {who}.")
    tell_asked(request, entry, version, asked, form.cleaned_data["note"])


def _number(request: HttpRequest, newest: Version) -> int:
    """The number of the version that was shown; of the newest where the form says none."""
    return whole_number(request.POST.get("version", "")) or newest.number


def _base(version: Version, stands: publishing.Standing, live: Version | None) -> Version | None:
    """What a version is compared with: the one approved last, or else what readers see; nothing if that is itself."""
    found = Version.objects.get(pk=stands.approved.version_id) if stands.approved else live
    return found if found and found.digest != version.digest else None


def _asked_before(stands: publishing.Standing, version: Version) -> list[tuple[Decision, list[tuple[str, str]]]]:
    """What reviewers wanted changed since the last approval, each remark with its place in words."""
    if not stands.asked_before:
        return []
    record = drafts.current_record(version)
    names = drafts.names_in([record])
    return [(one, remarks_in_words(one, record, names)) for one in stands.asked_before]


# The page of a review


def review(admin: EntryList, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
    """What changed in a version, beside what it rests on; on a POST, approve it or send it back."""
    entry = entry_of(admin, request, object_id)
    if not publishing.may(request.user, "review_version"):
        raise PermissionDenied
    version = version_of(entry, number)
    stands = publishing.standing(version.page)
    wrote = publishing.wrote(request.user, version, stands.approved)
    if wrote and request.method == "POST":
        raise PermissionDenied
    not_saved = expired_forms.why_not_saved(request) or (KEPT if BROUGHT_BACK in request.POST else "")
    refused = _why_undecided(request, entry, version) if request.method == "POST" and not not_saved else ()
    if refused is None:
        return _to_work_list(request)
    base = _base(version, stands, version.page.live)
    waits = stands.request is not None and stands.request.version_id == version.pk
    places, general = places_of(version, base, list(_remarks(request)))
    return show(
        admin,
        request,
        "review",
        f"Review version {number} of “{entry.name}”",
        entry,
        version=version,
        stands=stands,
        base=base,
        waits=waits,
        wrote=wrote,
        asked_before=_asked_before(stands, version),
        places=places,
        general=general,
        takes_remarks=not wrote and (waits or bool(general) or any(place.typed for place in places)),
        signs_as=publishing.name_of(request.user),
        credentials=_credentials(request),
        months=_months(request, stands),
        problems=refused,
        typed_by=expired_forms.owner_token(request.user),
        not_saved=not_saved,
        whole=admin.address("read", entry.pk, number),
    )


def _to_work_list(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(reverse("admin:index"))
    expired_forms.say_saved(request, response)
    return response


def _credentials(request: HttpRequest) -> str:
    mine = Credentials.objects.filter(user=request.user) if isinstance(request.user, User) else ()
    return next((one.text for one in mine), "")


def _why_undecided(request: HttpRequest, entry: VersionedEntry, version: Version) -> tuple[str, ...] | None:
    """Decide what the pressed button says. Why that cannot be; None if it is done."""
    try:
        _decide(request, entry, version)
    except publishing.Refused as error:
        return error.problems
    return None


def _decide(request: HttpRequest, entry: VersionedEntry, version: Version) -> None:
    remarks = [remark for remark in _remarks(request) if remark.text.strip()]
    if "_approve" in request.POST:
        if remarks:
            raise publishing.Refused(["You wrote a remark. Send it back, or empty the box and approve."])
        months = request.POST.get("months", "")
        publishing.approve(version=version, by=request.user, months=int(months) if months in map(str, MONTHS) else 0)
        messages.success(request, f"Version {version.number} of “{entry.name}” is approved.")
    elif "_send_back" in request.POST:
        publishing.send_back(version=version, by=request.user, remarks=remarks)
        messages.success(request, f"Version {version.number} of “{entry.name}” was sent back, with what you remarked.")
    else:
        raise publishing.Refused(["Approve it, or send it back."])
    tell_decided(request, entry, version)


def _remarks(request: HttpRequest) -> Iterator[Remark]:
    """What stands in the boxes for remarks, place by place."""
    for name, text in request.POST.items():
        if name.startswith("remark-"):
            place = request.POST.get(f"place-{name.removeprefix('remark-')}", "")
            yield Remark(path_of(place), str(text).replace("\0", "").replace("\r\n", "\n"))


def _months(request: HttpRequest, stands: publishing.Standing) -> list[tuple[int, bool]]:
    """How long an approval may hold, and which is chosen: what was chosen last."""
    approved = stands.approved
    last = approved.due.year - approved.at.year if approved and approved.due else 1
    chosen = request.POST.get("months", str(last * 12))
    return [(each, str(each) == chosen) for each in MONTHS]
