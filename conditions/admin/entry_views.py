"""What editors do to an entry besides saving it: withdraw, restore, reject, delete, look back.

Each view takes the entry's admin first. Whatever changes something wants a POST and asks a verb.
"""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from conditions import drafts, publishing, records
from conditions.admin import autocomplete, expired_forms, problems
from conditions.admin.changelists import EntryList
from conditions.admin.problems import Linked, form_of
from conditions.admin.widgets import EntryChoiceField
from conditions.content_files import merging
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Address, Link, Page, PageQuerySet, Version
from conditions.schema import SCHEMAS, split_reference
from conditions.usage import Use, claims_left_without_evidence, left_without_help, seen_on, uses_of

USES_PER_PAGE = 100


def entry_of(admin: EntryList, request: HttpRequest, object_id: str, *, may: bool | None = None) -> VersionedEntry:
    """The entry that the address names. Http404; PermissionDenied unless it may be seen, and `may`."""
    entry = admin.get_object(request, object_id)
    if not admin.has_view_or_change_permission(request, entry) or may is False:
        raise PermissionDenied
    if entry is None:
        raise Http404
    return entry


def version_of(entry: VersionedEntry, number: int) -> Version:
    version = Version.objects.filter(page=entry.page_id, number=min(number, 2**31 - 1)).first()
    if entry.page_id is None or version is None:
        raise Http404
    return version


def entry_page(entry: VersionedEntry) -> PageQuerySet:
    """The page of an entry; empty if it has none."""
    return Page.objects.filter(pk=entry.page_id) if entry.page_id else Page.objects.none()


def show(
    admin: EntryList, request: HttpRequest, name: str, title: str, entry: VersionedEntry, **context: object
) -> HttpResponse:
    shown = {"original": entry, "back": admin.address("change", entry.pk), **context}
    page = admin.page_context(request, title=title, **shown)
    return TemplateResponse(request, f"admin/conditions/{name}.html", page)


def to_form(admin: EntryList, entry: VersionedEntry) -> HttpResponse:
    return HttpResponseRedirect(admin.address("change", entry.pk))


# Withdraw


class WithdrawForm(forms.Form):
    use_required_attribute = False
    reason = forms.CharField(
        widget=forms.Textarea({"rows": 3}),
        help_text="Readers who come to the page see it. One plain sentence.",
        error_messages={"required": "Write why it is withdrawn."},
    )
    instead = EntryChoiceField(
        autocomplete.LIVE,
        required=False,
        label="What to read instead",
        help_text="A live page; readers get a link to it.",
    )
    confirmed = forms.BooleanField(
        label="Withdraw it all the same",
        error_messages={"required": "Confirm that these pages are left without a word on what to do."},
    )

    def __init__(self, request: HttpRequest, *, is_confirmed: bool) -> None:
        """What was posted, or what the address says to read instead. is_confirmed: nothing has to be confirmed."""
        typed = request.POST if request.method == "POST" else None
        super().__init__(typed, label_suffix="", initial={"instead": request.GET.get("instead", "")})
        if is_confirmed:
            del self.fields["confirmed"]

    def clean_instead(self) -> Page | None:
        """The live page that was picked. ValidationError if there is none."""
        value = self.cleaned_data["instead"]
        page = _page_of(value)
        if value and page is None:
            raise forms.ValidationError("There is no such page; pick one from the list.")
        return page

    def name_choice(self) -> None:
        """Give the picker what it shows at first: the name of the page, of whatever kind, that is chosen."""
        value = self["instead"].value() or ""
        page = _page_of(value)
        name = autocomplete.text_of(autocomplete.LIVE, page.kind, page.name) if page else value
        self.fields["instead"].widget.choices = [(value, name)] if value else []


def _page_of(reference: str) -> Page | None:
    """The page that a reference leads to; None if there is none."""
    try:
        kind, slug = split_reference(reference.replace("\0", ""))
    except ValueError:
        return None
    found = Address.objects.select_related("page").filter(kind=kind, slug=slug).first()
    return found.page if found else None


def as_links(uses: Sequence[Use]) -> SafeString:
    """The first of many entries, with their kinds, as a list that leads to their forms."""
    links = [Linked(f"{use.name} ({use.kind.label})", form_of(use.kind, use.pk)) for use in uses]
    return problems.as_list(problems.first_of(links))


def withdraw(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Take the live page down, with a reason. The desk and all versions stay as they are."""
    entry = entry_of(admin, request, object_id, may=publishing.may(request.user, "publish_version"))
    page = entry_page(entry).live().first()
    if page is None:
        messages.warning(request, f"{entry.name} is not live, so there is nothing to withdraw.")
        return to_form(admin, entry)
    uses, blockers = seen_on([page.pk]), claims_left_without_evidence({page.pk})
    helpless = left_without_help([page.pk]) if not blockers else []
    form = WithdrawForm(request, is_confirmed=not helpless)
    not_saved = expired_forms.why_not_saved(request)
    if request.method == "POST" and not not_saved and form.is_valid():
        reason, instead = form.cleaned_data["reason"], form.cleaned_data["instead"]
        try:
            edition = publishing.withdraw(pages=[page], by=request.user, reason=reason, instead=instead)
        except publishing.Refused as error:
            for problem in error.problems if not blockers else ():
                form.add_error(None, problem)
        else:
            said = f"Withdrawn in edition {edition.number}. The entry and all its versions stay here."
            messages.success(request, said)
            if uses:
                messages.warning(request, format_html("Live pages that no longer show it:{}", as_links(uses)))
            return to_form(admin, entry)
    form.name_choice()
    return show(
        admin,
        request,
        "withdraw",
        f"Withdraw “{entry.name}”",
        entry,
        form=form,
        page=page,
        uses=uses,
        helpless=helpless,
        problems=problems.linked(records.capped(blockers)),
        typed_by=expired_forms.owner_token(request.user),
        not_saved=not_saved,
        media=form.media,
    )


# Publish what a page leads to


def publish_targets(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Publish the newest versions of entries that the live page leads to and that readers cannot see."""
    entry = entry_of(admin, request, object_id, may=publishing.may(request.user, "publish_version"))
    hidden = Link.objects.filter(owner=entry.page_id, target__live__isnull=True).values("target")
    pages = list(Page.objects.filter(pk__in=hidden))
    names = drafts.names_of(pages)
    found: list[problems.Linked] = []
    if request.method == "POST":
        chosen = [page for page in pages if str(page.pk) in request.POST.getlist("page")]
        newest = publishing.newest_of(page.pk for page in chosen)
        try:
            published = publishing.publish(versions=list(newest.values()), by=request.user)
        except publishing.Refused as error:
            found = problems.linked(error.problems, {page: version.record for page, version in newest.items()})
        else:
            said = ", ".join(records.capped([version.record["name"] for version in published.versions]))
            messages.success(request, f"Published in edition {published.edition.number}: {said}.")
            return to_form(admin, entry)
    title = f"Publish what “{entry.name}” links to"
    named = sorted(((names[page.pk], page) for page in pages), key=lambda one: one[0])
    return show(admin, request, "targets", title, entry, pages=named, problems=found)


# Restoring


def missing_in(request: HttpRequest) -> publishing.Missing:
    """What the form says to do about entries that a version refers to and that are gone."""
    try:
        return publishing.Missing(request.POST.get("missing", ""))
    except ValueError:
        return publishing.Missing.REFUSE


def restore(admin: EntryList, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
    """Put a version back on the desk as a draft; ask first where it refers to entries that are gone."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    may = admin.has_change_permission(request)
    entry = entry_of(admin, request, object_id, may=may)
    version = version_of(entry, number)
    missing = missing_in(request)
    try:
        with transaction.atomic():
            is_proposal = Version.objects.proposed().filter(pk=version.pk).exists()
            if is_proposal:
                saved = merging.accept_proposal(version=version, by=request.user)
            else:
                saved = publishing.restore(version=version, by=request.user, missing=missing)
            done = "accepted" if is_proposal else "restored"
            admin.log_change(request, saved.entry, f"Version {number} {done} as version {saved.version.number}.")
    except publishing.MissingReferences as error:
        title = f"Restore version {number} of “{entry.name}”"
        return show(admin, request, "restore", title, entry, missing=error.problems, version=version)
    except (publishing.Refused, records.InvalidRecord) as error:
        for problem in records.capped([str(problem) for problem in error.problems]):
            messages.error(request, problem)
        return to_form(admin, entry)
    said = f"Version {number} is the draft again, as version {saved.version.number}."
    if is_proposal:
        said = f"What the file proposes is in the draft now, as version {saved.version.number}."
    if not saved.is_new:
        said = f"The draft already says the same as version {number}."
    messages.success(request, said)
    return to_form(admin, saved.entry)


def reject_proposal(admin: EntryList, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
    """Keep the desk's text where a content file proposed another."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    entry = entry_of(admin, request, object_id, may=admin.has_change_permission(request))
    try:
        publishing.reject_proposal(version=version_of(entry, number), by=request.user)
    except publishing.Refused as error:
        messages.warning(request, " ".join(error.problems))
    else:
        messages.success(request, "The draft was kept. The file’s proposal stays in the history.")
    return to_form(admin, entry)


# View


def uses(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Who on the desk refers to the entry, and how."""
    entry = entry_of(admin, request, object_id)
    part = Paginator(uses_of(entry), USES_PER_PAGE).get_page(request.GET.get("page"))
    return show(admin, request, "uses", f"Where “{entry.name}” is used", entry, part=part)


# Delete


def delete(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Take an entry off the desk. Refused, with names and links, while it is live or others refer to it."""
    entry = entry_of(admin, request, object_id, may=admin.has_delete_permission(request))
    refused: tuple[str, ...] = ()
    if request.method == "POST":
        name, slug = entry.name, entry.slug
        try:
            with transaction.atomic():
                admin.log_deletions(request, desk.entries(entry.kind).filter(pk=entry.pk))
                admin.delete_model(request, entry)
        except (publishing.Refused, records.InvalidRecord) as error:
            refused = records.capped([str(problem) for problem in error.problems])
        else:
            restore_deleted = f"{reverse('admin:deleted_entries')}?{urlencode({'q': slug})}"
            said = '“{}” was deleted. Its versions are kept; <a href="{}">restore it</a>'
            messages.success(request, format_html(said, name, restore_deleted))
            return HttpResponseRedirect(admin.address("changelist"))
    return show(
        admin,
        request,
        "delete",
        f"Delete “{entry.name}”",
        entry,
        problems=refused,
        has_rows=bool(SCHEMAS[entry.kind].relations),
        uses=uses_of(entry),
        live=entry_page(entry).live().first(),
        may_publish=publishing.may(request.user, "publish_version"),
    )
