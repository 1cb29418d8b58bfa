"""Merging two tags that mean one thing."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.html import format_html

from conditions import drafts, publishing, records
from conditions.admin import problems
from conditions.admin.changelists import EntryList
from conditions.admin.entry_views import entry_of, entry_page, show
from conditions.admin.problems import Linked, form_of
from conditions.admin.widgets import EntryChoiceField, name_choices
from conditions.models import desk
from conditions.schema import Kind
from conditions.usage import uses_of


class MergeForm(forms.Form):
    use_required_attribute = False
    into = EntryChoiceField(
        "tag",
        label="Merge it into",
        help_text="The tag to keep. All of the entries below get it.",
        error_messages={"required": "Pick the tag to keep."},
    )
    publish = forms.BooleanField(
        required=False,
        initial=True,
        label="Publish immediately",
        help_text="Entries that are live and have no other changes go out in one edition. It also withdraws this tag "
        "and sends its readers to the other one, unless other live pages show it. The others stay drafts.",
    )

    def __init__(self, tag: desk.Tag, data: QueryDict | None, *, may_publish: bool) -> None:
        super().__init__(data, label_suffix="")
        self.tag = tag
        if not may_publish:
            del self.fields["publish"]

    def clean_into(self) -> desk.Tag:
        """The tag that was picked. ValidationError if there is none, or it is the same."""
        found = desk.Tag.objects.filter(slug=self.cleaned_data["into"].replace("\0", "")).first()
        if found is None:
            raise forms.ValidationError("There is no such tag; pick one from the list.")
        if found.pk == self.tag.pk:
            raise forms.ValidationError("This is the same tag; pick another.")
        return found


def merge(admin: EntryList, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show what has the tag, and give it another one instead."""
    tag = entry_of(admin, request, object_id, may=admin.has_change_permission(request))
    assert isinstance(tag, desk.Tag), "only tags are merged"
    may_publish = publishing.may(request.user, "publish_version")
    form = MergeForm(tag, request.POST if request.method == "POST" else None, may_publish=may_publish)
    if request.method == "POST" and form.is_valid():
        into, publishes = form.cleaned_data["into"], form.cleaned_data.get("publish", False)
        try:
            with publishing.write_lock():
                admin.log_change(request, into, f"Tag {tag.name!r} merged into this one.")
                merged = publishing.merge_tags(tag=tag, into=into, by=request.user, publishes=publishes)
        except (publishing.Refused, records.InvalidRecord) as error:
            for problem in records.capped([str(problem) for problem in error.problems]):
                form.add_error(None, problem)
        else:
            _tell(admin, request, tag, merged, into)
            return HttpResponseRedirect(admin.address("change", into.pk))
    name_choices([form])
    uses = uses_of(tag)
    live = entry_page(tag).live().exists()
    title = f"Merge “{tag.name}” into another tag"
    return show(admin, request, "merge", title, tag, form=form, uses=uses, live=live, media=form.media)


def _tell(admin: EntryList, request: HttpRequest, tag: desk.Tag, merged: publishing.MergedTags, into: desk.Tag) -> None:
    """Say what was changed, what of it readers see now, what stays a draft, and what became of the tag."""
    messages.success(request, f"“{tag.name}” was merged into “{into.name}”. Entries changed: {len(merged.versions)}.")
    published = merged.result.published
    if merged.result.blocked_by:
        found = problems.as_list(problems.linked(merged.result.blocked_by))
        messages.warning(request, format_html("Nothing was published:{}", found))
    elif published and published.versions:
        names = _names(version.record["name"] for version in published.versions)
        messages.success(request, f"Published in edition {published.edition.number}: {names}.")
    if merged.drafts:
        entries = drafts.entries_of(version.page_id for version in merged.drafts).values()
        found = problems.as_list(problems.first_of([Linked(name, form_of(kind, pk)) for kind, pk, name in entries]))
        messages.warning(request, format_html("Saved as drafts, not published yet:{}", found))
    if merged.is_live:
        messages.warning(request, _why_still_live(admin, request, tag, merged, into))
    if merged.is_withdrawn:
        sent = f": its readers are sent to “{into.name}”" if entry_page(into).live().exists() else ""
        messages.info(request, f"“{tag.name}” was withdrawn{sent}.")
    if merged.is_deleted:
        messages.info(request, f"“{tag.name}” was deleted. Its versions are kept.")
    elif not merged.is_live:
        messages.info(request, f"“{tag.name}” still exists: someone with permission to delete tags can delete it.")


def _why_still_live(
    admin: EntryList, request: HttpRequest, tag: desk.Tag, merged: publishing.MergedTags, into: desk.Tag
) -> str:
    """Where readers still see a tag that was merged, and what is left to do."""
    said = f"Readers still see the page of “{tag.name}”"
    if merged.shown_on:
        said += f", and the tag on these pages until they are published: {_names(use.name for use in merged.shown_on)}"
    if not publishing.may(request.user, "publish_version"):
        return f"{said}. A publisher can publish them, and withdraw it."
    url = f"{admin.address('withdraw', tag.pk)}?instead={Kind.TAG.plural}/{into.slug}"
    first = "Publish them, then" if merged.shown_on else "You can"
    return format_html('{}. {} <a href="{}">withdraw it</a> and delete it.', said, first, url)


def _names(names: Iterable[str]) -> str:
    return ", ".join(records.capped(sorted(names)))
