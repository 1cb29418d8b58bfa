"""The lists of entries: what each says about its entry, and how it is narrowed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from conditions.admin import autocomplete, status
from conditions.models import desk

MOST_TAGS = 40
"""Tags in the filter; it has no search box, and a longer list is no help."""


def most_used_tags(**on: Any) -> list[tuple[str, str]]:
    """Slugs and names of the tags that are carried most, by name; `on` says by what."""
    used = desk.Tag.objects.filter(tagged__isnull=False, **on).annotate(uses=Count("tagged")).order_by("-uses", "name")
    return sorted(used.values_list("slug", "name")[:MOST_TAGS], key=lambda one: one[1].casefold())


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, capfirst(state.label)) for state in status.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        return status.in_state(queryset, status.State(wanted)) if wanted in status.State.values else queryset


class TagFilter(admin.SimpleListFilter):
    """The tags that entries of the kind carry most."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return most_used_tags(tagged__content_type=ContentType.objects.get_for_model(model_admin.model))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = (self.value() or "").replace("\0", "")
        return queryset.filter(tagged__tag__slug=wanted) if wanted else queryset


class EvidenceFilter(admin.SimpleListFilter):
    """Entries of kinds that have relations, which rest on documents and sources."""

    title = "evidence"
    parameter_name = "evidence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "A relation has no evidence")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return status.without_evidence(queryset) if self.value() == "none" else queryset


class EntryList(admin.ModelAdmin):
    """How a kind's entries are listed. Nothing can be changed from a list."""

    actions = None
    list_display: tuple[str, ...] = ("name", "state", "last_saved_by", "last_saved_at")
    list_filter: ClassVar[tuple[Any, ...]] = (StateFilter,)
    list_per_page = 50
    ordering = ("name", "pk")
    search_fields = ("name",)
    search_help_text = "Part of a name, another name or an address."
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return status.with_newest(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return autocomplete.matching(queryset, search_term), False

    @admin.display(description="state")
    def state(self, entry: Any) -> str:
        return capfirst(status.state_of(entry.page, entry.newest_number).label)

    @admin.display(description="last saved by", ordering="newest_by")
    def last_saved_by(self, entry: Any) -> str | None:
        return entry.newest_by or ("a content file" if entry.newest_number else None)

    @admin.display(description="last saved at", ordering="newest_at")
    def last_saved_at(self, entry: Any) -> Any:
        return entry.newest_at and date_format(timezone.localtime(entry.newest_at), "j M Y, H:i")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": capfirst(self.opts.verbose_name_plural)})
