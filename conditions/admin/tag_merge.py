"""Merging two tags that mean one thing."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from conditions import publishing, records
from conditions.admin.changelists import EntryList
from conditions.admin.entry_views import entry_of, entry_page, show
from conditions.admin.widgets import EntryChoiceField, name_choices
from conditions.models import desk
from conditions.models.published import Page
from conditions.schema import Kind
from conditions.usage import uses_of


class MergeForm(forms.Form):
    use_required_attribute = False
    into = EntryChoiceField("tag", label="Merge it into", help_text="The tag to keep. All of the entries below get it.")
    publish = forms.BooleanField(
        required=False,
        initial=True,
        label="Publish immediately",
        help_text="Entries that are live and have no other changes go out in one edition. The others stay drafts.",
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
        try:
            into, publishes = form.cleaned_data["into"], form.cleaned_data.get("publish", False)
            with publishing.write_lock():
                admin.log_change(request, into, f"Tag {tag.name!r} merged into this one.")
                merged = publishing.merge_tags(tag=tag, into=into, by=request.user)
                result = publishing.try_to_publish(versions=merged.publishable, by=request.user) if publishes else None
        except (publishing.Refused, records.InvalidRecord) as error:
            for problem in error.problems:
                form.add_error(None, str(problem))
        else:
            return _tell(admin, request, tag, merged, into, result)
    name_choices([form])
    uses = uses_of(tag)
    live = entry_page(tag).live().exists()
    title = f"Merge “{tag.name}” into another tag"
    return show(admin, request, "merge", title, tag, form=form, uses=uses, live=live, media=form.media)


def _tell(
    admin: EntryList,
    request: HttpRequest,
    tag: desk.Tag,
    merged: publishing.MergedTags,
    into: desk.Tag,
    result: publishing.PublishResult | None,
) -> HttpResponse:
    count = len(merged.versions)
    messages.success(request, f"“{tag.name}” was merged into “{into.name}”. Entries changed: {count}.")
    if result and result.blocked_by:
        messages.warning(request, "Saved as drafts, not published: " + " ".join(result.blocked_by))
    elif result and result.published:
        said = f"Published in edition {result.published.edition.number}: {len(merged.publishable)} of them."
        messages.success(request, said)
    if merged.deleted:
        messages.info(request, f"“{tag.name}” was deleted. Its versions are kept.")
        return HttpResponseRedirect(admin.address("change", into.pk))
    if not Page.objects.live().filter(tag=tag).exists():
        messages.info(request, f"“{tag.name}” still exists: someone with permission to delete tags can delete it.")
    elif publishing.may(request.user, "publish_version"):
        messages.info(request, f"Readers still see the page of “{tag.name}”. Withdraw it here, then delete it.")
        return HttpResponseRedirect(f"{admin.address('withdraw', tag.pk)}?instead={Kind.TAG.plural}/{into.slug}")
    else:
        messages.info(request, f"Readers still see the page of “{tag.name}”: a publisher can withdraw it.")
    return HttpResponseRedirect(admin.address("change", into.pk))
