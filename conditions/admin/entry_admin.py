"""The change form of an entry: it types a record, and the verbs do the rest."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from conditions import drafts, publishing, records
from conditions.admin import (
    changelists,
    entry_views,
    expired_forms,
    history_views,
    outcomes,
    preview,
    review,
    scheduling,
    sharing,
    tag_merge,
)
from conditions.admin.changelists import Context
from conditions.admin.site import site
from conditions.admin.status import status_of
from conditions.admin.submission import NOT_DONE, EntrySubmission
from conditions.admin.widgets import BROUGHT_BACK, MEDIA
from conditions.differences import Difference, differences
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Version
from conditions.schema import NAME_LENGTH, SCHEMAS, FieldType, Kind
from conditions.usage import uses_of


class EntryAdmin(changelists.EntryList):
    """Lists, opens and saves the entries of one kind. Nothing here writes a table: `publishing` does."""

    extra_views: ClassVar[tuple[tuple[str, expired_forms.View, str], ...]] = (
        ("withdraw", entry_views.withdraw, ""),
        ("schedule", scheduling.schedule, ""),
        ("targets", entry_views.publish_targets, ""),
        ("uses", entry_views.uses, ""),
        ("differences", history_views.differences, ""),
        ("discard", history_views.discard, ""),
        ("share", sharing.share, ""),
        ("newest", history_views.newest, ""),
        ("read", history_views.read, "<int:number>/"),
        ("restore", entry_views.restore, "<int:number>/"),
        ("send_review", review.send, ""),
        ("review", review.review, "<int:number>/"),
        ("reject_proposal", entry_views.reject_proposal, "<int:number>/"),
        ("delete", entry_views.delete, ""),
    )

    preserved_views = ("withdraw", "schedule", "send_review", "review")
    """Those with something to type, which comes back where it could not be saved."""

    @property
    def kind(self) -> Kind:
        return self.model.kind

    @property
    def _form_views(self) -> tuple[tuple[str, expired_forms.View, str], ...]:
        """The views that show the form: they come back with all that was typed."""
        return (
            ("preview", self.preview_view, "preview/"),
            ("correct", self.correct_view, "correct/"),
            ("change", self.changeform_view, "change/"),
        )

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and those of the views besides the form."""
        preserving = partial(expired_forms.preserve_post, self.admin_site)
        name = f"conditions_{self.opts.model_name}"
        own = [
            path("add/", preserving(self.changeform_view), name=f"{name}_add"),
            path("add/preview/", preserving(self.changeform_view), name=f"{name}_preview_new"),
        ]
        for action, view, tail in self._form_views:
            own.append(path(f"<path:object_id>/{tail}", preserving(view), name=f"{name}_{action}"))
        for action, view, tail in self.extra_views:
            bound = partial(view, self)
            sent_again = expired_forms.or_try_again(self.admin_site.admin_view(bound))
            asked = preserving(bound) if action in self.preserved_views else sent_again
            address = f"<path:object_id>/{action.replace('_', '-')}/{tail}"
            own.append(path(address, asked, name=f"{name}_{action}"))
        return own + super().get_urls()

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Context | None = None) -> HttpResponse:
        return history_views.history(self, request, object_id)

    def delete_model(self, request: HttpRequest, obj: VersionedEntry) -> None:
        publishing.delete(entry=obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[VersionedEntry]) -> None:
        raise PermissionDenied

    def found(self, request: HttpRequest, object_id: str) -> VersionedEntry | None:
        """The entry of that id; None, with a message, if there is none."""
        entry = self.get_object(request, object_id)
        if entry is None:
            said = f"There is no {self.opts.verbose_name} with the ID “{object_id}”. Perhaps it was deleted."
            messages.warning(request, said)
        return entry

    # The form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        """Show the form of an entry, or of a new one; keep what is posted to it."""
        entry = None
        if object_id is not None:
            if request.method == "POST" and self.get_object(request, object_id) is None:
                return self._show_typed_for_deleted(request)
            entry = self.found(request, object_id)
            if entry is None:
                return HttpResponseRedirect(self.address("changelist"))
        self._check(request, entry)
        if request.method == "POST":
            return self._receive(request, EntrySubmission(self.kind, entry, by=request.user, data=request.POST))
        name = request.GET.get("name", "")[:NAME_LENGTH]
        return self._show(request, EntrySubmission(self.kind, entry, by=request.user, name=name))

    def _show_typed_for_deleted(self, request: HttpRequest) -> HttpResponse:
        """What was typed for an entry that has been deleted in the meantime, as a new entry. Nothing is saved."""
        self._check(request, None)
        data = request.POST.copy()
        for field in SCHEMAS[self.kind].fields:
            if field.type is FieldType.VERBATIM and field.name not in data:
                # The form shows a text that is word for word, and does not send it.
                with suppress(Version.DoesNotExist):
                    data[field.name] = publishing.newest_at(self.kind, data.get("slug", "")).record[field.name]
        return self._show(request, EntrySubmission(self.kind, None, by=request.user, data=data), expired_forms.DELETED)

    def _check(self, request: HttpRequest, entry: VersionedEntry | None) -> None:
        """PermissionDenied unless the user may do what is asked, publishing included."""
        if entry is None:
            allowed = self.has_add_permission(request)
        elif request.method == "POST":
            allowed = self.has_change_permission(request, entry)
        else:
            allowed = self.has_view_or_change_permission(request, entry)
        if "_publish" in request.POST:
            allowed = allowed and publishing.may(request.user, "publish_version")
        if not allowed:
            raise PermissionDenied

    def _receive(self, request: HttpRequest, typed: EntrySubmission) -> HttpResponse:
        if why := expired_forms.why_not_saved(request):
            return self._show(request, typed, not_saved=why)
        if BROUGHT_BACK in request.POST:
            return self._show(request, typed, not_saved=expired_forms.KEPT)
        if typed.is_only_shown:
            return self._show(request, typed)
        if not typed.is_valid():
            typed.look_further()
            return self._refuse(request, typed)
        try:
            if _is_preview(request):
                return self._preview(request, typed)
            return self._correct(request, typed) if typed.corrects else self._keep(request, typed)
        except NOT_DONE as error:
            typed.show_why_not(error, in_place=not _is_preview(request))
        except expired_forms.FAILURES as error:
            expired_forms.log.error("A save failed: %s", error)
            return self._show(request, typed, not_saved=expired_forms.BUSY, status=503)
        return self._refuse(request, typed)

    def _refuse(self, request: HttpRequest, typed: EntrySubmission) -> HttpResponse:
        """The form with what is wrong on it; what is wrong alone, where a preview was asked for in another tab."""
        if not _is_preview(request):
            return self._show(request, typed)
        mistakes = typed.prepare().mistakes()
        context = self.page_context(request, title="It cannot be previewed yet", typed=typed, mistakes=mistakes)
        return TemplateResponse(request, "admin/conditions/not_previewed.html", context)

    def _keep(self, request: HttpRequest, typed: EntrySubmission) -> HttpResponse:
        publishes, sends = "_publish" in request.POST, "_send_review" in request.POST
        with publishing.write_lock():
            edit = typed.edit(saves=True)
            saved = publishing.save(by=request.user, **vars(edit))
            log = self.log_change if typed.entry else self.log_addition
            log(request, saved.entry, f"Version {saved.version.number} saved.")
            # What was merged in is not published before the editor has seen it.
            publishes = publishes and not saved.merged
            result = publishing.try_to_publish(versions=[saved.version], by=request.user) if publishes else None
        _tell_new_tags(request, typed)
        if result:
            outcomes.tell_result(request, result, saved, self.address("targets", saved.entry.pk))
        else:
            outcomes.tell_saved(request, saved, goes_on=sends)
        response = HttpResponseRedirect(self.address("send_review" if sends else "change", saved.entry.pk))
        expired_forms.say_saved(request, response)
        return response

    def correct_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form on what readers see: what is typed is published at once, and goes into the draft."""
        entry = self.found(request, object_id)
        if entry is None:
            return HttpResponseRedirect(self.address("changelist"))
        if not self.has_change_permission(request, entry) or not publishing.may(request.user, "publish_version"):
            raise PermissionDenied
        live = Version.objects.filter(live_on=entry.page_id).first() if entry.page_id else None
        if live is None:
            messages.warning(request, f"Readers do not see {entry.name}. Change the draft, and publish it.")
            return HttpResponseRedirect(self.address("change", entry.pk))
        data = request.POST if request.method == "POST" else None
        typed = EntrySubmission(self.kind, entry, by=request.user, data=data, corrects=live)
        if data is None or ("_correct" not in data and not typed.is_only_shown):
            return self._show(request, typed)
        return self._receive(request, typed)

    def _correct(self, request: HttpRequest, typed: EntrySubmission) -> HttpResponse:
        assert typed.entry is not None, "only what is live is corrected"
        asked = request.POST.get("_correct", "")
        clash = publishing.Clash(asked) if asked in {one.value for one in publishing.Clash} else publishing.Clash.ASK
        with publishing.write_lock():
            edit, reason = typed.edit(saves=True), request.POST.get("reason", "").replace("\0", "")
            done = publishing.correct(
                record=edit.record,
                entry=typed.entry,
                by=request.user,
                seen=edit.base_version or 0,
                clash=clash,
                draft_seen=typed.draft_seen,
                reason=reason,
            )
        _tell_new_tags(request, typed)
        outcomes.tell_published(request, done.published)
        if done.draft not in done.published.versions:
            messages.info(request, f"The draft has it too, as version {done.draft.number}.")
        response = HttpResponseRedirect(self.address("change", typed.entry.pk))
        expired_forms.say_saved(request, response)
        return response

    def _preview(self, request: HttpRequest, typed: EntrySubmission) -> HttpResponse:
        back = self.address("change", typed.entry.pk) if typed.entry else self.address("add")
        edit = typed.edit(saves=False)
        prepared = publishing.prepare(edit, {Kind.TAG: set(typed.new_tags)})
        version = preview.unsaved_version(prepared.page, prepared.record)
        return preview.show(request, version, back, typed.new_tags)

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What is posted, as readers would see it; on a GET, the newest version."""
        if request.method == "POST":
            return self.changeform_view(request, object_id)
        entry = self.found(request, object_id)
        if entry is None:
            return HttpResponseRedirect(self.address("changelist"))
        self._check(request, entry)
        version = publishing.newest(entry.page) if entry.page else None
        if version is None:
            raise Http404
        return preview.show(request, version, self.address("change", entry.pk))

    def _show(
        self, request: HttpRequest, typed: EntrySubmission, not_saved: str = "", status: int = 200
    ) -> HttpResponse:
        entry, user = typed.entry, request.user
        may_change = self.has_change_permission(request, entry) if entry else True
        if not may_change:
            typed.lock()
        entry_status = status_of(entry, typed.before) if entry and typed.before and not typed.corrects else None
        if entry_status:
            typed.note_unseen(entry_status.row_notes)
            typed.note_remarks(entry_status.open_remarks)
        typed.note_checks()
        context = self.page_context(
            request,
            title=typed.before["name"] if typed.before else f"Add {self.opts.verbose_name}",
            subtitle=capfirst(self.opts.verbose_name_plural) if entry else None,
            typed=typed.prepare(),
            original=entry,
            entry_status=entry_status,
            planned=scheduling.planned_for(entry) if entry else None,
            proposals=_proposals(entry, typed.before) if entry and typed.before else [],
            may_change=may_change,
            may_publish=publishing.may(user, "publish_version"),
            may_review=publishing.may(user, "review_version"),
            uses=uses_of(entry) if entry else [],
            may_delete=bool(entry) and self.has_delete_permission(request, entry),
            addresses=self._addresses(entry, typed.corrects is not None),
            review_required=settings.REQUIRE_REVIEW,
            reason=request.POST.get("reason", ""),
            draft_waits=_waits(entry) if entry and typed.corrects else "",
            typed_by=expired_forms.owner_token(user),
            not_saved=not_saved,
            media=MEDIA,
        )
        return TemplateResponse(request, "admin/conditions/change_form.html", context, status=status)

    def _addresses(self, entry: VersionedEntry | None, is_correction: bool) -> dict[str, str]:
        """Where the pages of an entry are; "change" is where the form is sent."""
        if entry is None:
            return {"change": self.address("add"), "preview": self.address("preview_new")}
        extra = (action for action, _, tail in self.extra_views if not tail)
        names = ("change", "correct", "preview", "history", "delete", *extra)
        found = {name: self.address(name, entry.pk) for name in names}
        return found | {"form": found["change"]} | ({"change": found["correct"]} if is_correction else {})


def _waits(entry: VersionedEntry) -> str:
    """What the draft of an entry waits for, and will no longer once a correction is in it; empty for nothing."""
    stands = publishing.standing(entry.page)
    if publishing.planned(entry.page_id or 0):
        return "goes live at a time that is set; with the correction in it, it has to be scheduled again"
    if stands.request:
        return "waits for review; with the correction in it, it has to be sent again"
    return ""


def _is_preview(request: HttpRequest) -> bool:
    return request.path.endswith("/preview/")


def _proposals(entry: VersionedEntry, before: records.Record) -> list[tuple[Version, list[Difference]]]:
    """What content files propose for the entry, newest first, and where each differs from the desk."""
    found = (
        Version.objects.proposed().filter(page=entry.page_id).order_by("-number")
        if entry.page_id
        else Version.objects.none()
    )
    said = drafts.current_records(list(found))
    names = drafts.names_in([before, *said]) if said else {}
    return [(version, differences(before, record, names)) for version, record in zip(found, said, strict=True)]


def _tell_new_tags(request: HttpRequest, typed: EntrySubmission) -> None:
    """Say which tags are new, and where to say what they mean."""
    for tag in desk.Tag.objects.filter(slug__in=typed.new_tags).order_by("name") if typed.new_tags else ():
        said = 'New tag: “{}”. It has no description yet: <a href="{}">add one</a>.'
        messages.info(request, format_html(said, tag.name, reverse("admin:conditions_tag_change", args=[tag.pk])))


FILTERS = (changelists.StateFilter, changelists.TagFilter, changelists.HiddenFilter)


@admin.register(desk.Condition, site=site)
class ConditionAdmin(EntryAdmin):
    list_filter = (*FILTERS, changelists.EvidenceFilter)


@admin.register(desk.Symptom, site=site)
class SymptomAdmin(EntryAdmin):
    list_filter = (*FILTERS, changelists.EvidenceFilter)


@admin.register(desk.Treatment, site=site)
class TreatmentAdmin(EntryAdmin):
    list_filter = FILTERS


@admin.register(desk.Cause, site=site)
class CauseAdmin(EntryAdmin):
    list_filter = FILTERS


@admin.register(desk.Question, site=site)
class QuestionAdmin(EntryAdmin):
    list_filter = FILTERS


@admin.register(desk.Tag, site=site)
class TagAdmin(EntryAdmin):
    extra_views = (*EntryAdmin.extra_views, ("merge", tag_merge.merge, ""))
    list_display = ("name", "group", "state", "last_saved_by", "last_saved_at")
    list_filter = (changelists.StateFilter, "group")


@admin.register(desk.Source, site=site)
class SourceAdmin(EntryAdmin):
    list_display = ("name", "publisher", "state", "last_saved_by", "last_saved_at")


@admin.register(desk.Term, site=site)
class TermAdmin(EntryAdmin):
    list_filter = (changelists.StateFilter, changelists.HiddenFilter)
