"""The lists of entries: what each says about its entry, and how it is narrowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.text import capfirst

from conditions import publishing
from conditions.admin import autocomplete, queries, status
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.index import Total
from conditions.schema import Kind

Context = dict[str, object]
"""What a template is given, by name."""
MOST_TAGS = 40
"""Tags in the filter; it has no search box, and a longer list is no help."""


def most_used_tags(kind: Kind | None = None) -> list[tuple[str, str]]:
    """Slugs and names of the tags that are on anything, or on entries of a kind, by name.

    Of many those that live entries carry most, of which the totals are kept.
    """
    tagged, totals = desk.Tagged.objects.filter(tag=OuterRef("pk")), Total.objects.filter(tag=OuterRef("page"))
    if kind:
        of_kind = ContentType.objects.get_for_model(desk.MODELS[kind])
        tagged, totals = tagged.filter(content_type=of_kind), totals.filter(kind=kind)
    uses = totals.order_by().values("tag").annotate(uses=Sum("count")).values("uses")
    used = desk.Tag.objects.filter(Exists(tagged)).annotate(uses=Coalesce(Subquery(uses), 0)).order_by("-uses", "name")
    return sorted(used.values_list("slug", "name")[:MOST_TAGS], key=lambda one: one[1].casefold())


def without_empty(query: QueryDict) -> QueryDict:
    """A query without what it says nothing about: a form sends all of its fields."""
    said = QueryDict(mutable=True)
    for name, values in query.lists():
        if any(values):
            said.setlist(name, [value for value in values if value])
    return said


def show_on_site(site: admin.AdminSite, request: HttpRequest, name: str, title: str, **context: object) -> HttpResponse:
    """A page over all kinds, made by the template of that name."""
    request.current_app = site.name
    page = {**site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/conditions/{name}.html", page)


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[VersionedEntry]) -> list[tuple[str, str]]:
        return [(state.value, capfirst(state.label)) for state in status.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
        wanted = self.value()
        return status.in_state(queryset, status.State(wanted)) if wanted in status.State.values else queryset


class TagFilter(admin.SimpleListFilter):
    """The tags that entries of the kind carry most."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[VersionedEntry]) -> list[tuple[str, str]]:
        return most_used_tags(model_admin.model.kind)

    def queryset(self, request: HttpRequest, queryset: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
        wanted = self.value()
        return queryset.filter(Q(tagged__tag__slug=wanted)) if wanted else queryset


class EvidenceFilter(admin.SimpleListFilter):
    """Entries of kinds that have relations, which rest on documents and sources."""

    title = "evidence"
    parameter_name = "evidence"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[VersionedEntry]) -> list[tuple[str, str]]:
        return [("none", "A relation has no evidence")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
        return status.without_evidence(queryset) if self.value() == "none" else queryset


class HiddenFilter(admin.SimpleListFilter):
    """Live entries with something on them that is not live."""

    title = "readers"
    parameter_name = "hidden"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[VersionedEntry]) -> list[tuple[str, str]]:
        return [("part", "Do not see a part")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
        return status.partly_hidden(queryset) if self.value() == "part" else queryset


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[VersionedEntry]
else:
    _ModelAdmin = admin.ModelAdmin


class EntryRows(queries.OfferedFilters):
    """A list of entries that know where their reviews stand."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        stands = publishing.standings([entry.page_id for entry in self.result_list if entry.page_id])
        for entry in self.result_list:
            entry.stands = stands.get(entry.page_id or 0)


class EntryList(_ModelAdmin):
    """How a kind's entries are listed. From a list several can be published; nothing else can be changed."""

    actions = ("publish_chosen",)
    actions_selection_counter = False
    list_display: tuple[str, ...] = ("name", "state", "last_saved_by", "last_saved_at")
    list_filter: ClassVar[tuple[str | type[admin.SimpleListFilter], ...]] = (StateFilter,)
    list_per_page = 50
    ordering = ("name", "pk")
    search_fields = ("name",)
    search_help_text = "Part of a name, another name or an address."
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def address(self, name: str, *args: object) -> str:
        """The address of one of this kind's pages: "change", "history", "withdraw", ..."""
        return reverse(f"admin:conditions_{self.opts.model_name}_{name}", args=args)

    def page_context(self, request: HttpRequest, **context: object) -> Context:
        """What every page of this kind needs, and what else is given."""
        request.current_app = self.admin_site.name
        return {**self.admin_site.each_context(request), "opts": self.opts, **context}

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return publishing.may(request.user, "publish_version")

    @admin.action(permissions=["publish"])
    def publish_chosen(self, request: HttpRequest, queryset: QuerySet[VersionedEntry]) -> HttpResponse:
        """Lead to the page that publishes the newest versions of what was chosen."""
        pages = [entry.page_id for entry in queryset if entry.page_id]
        return HttpResponseRedirect(f"{reverse('admin:publish')}?{urlencode({'page': pages}, doseq=True)}")

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[queries.OfferedFilters]:
        return EntryRows

    def get_queryset(self, request: HttpRequest) -> QuerySet[VersionedEntry]:
        return status.with_newest(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[VersionedEntry], search_term: str
    ) -> tuple[QuerySet[VersionedEntry], bool]:
        return autocomplete.matching(queryset, search_term), False

    @admin.display(description="state")
    def state(self, entry: VersionedEntry) -> str:
        newest, stands = status.newest_in(entry), entry.stands  # type: ignore[attr-defined]  # by EntryRows
        return status.words_of(status.state_of(entry.page, newest.number, newest.digest), newest.number, stands)

    @admin.display(description="last saved by", ordering="newest_by")
    def last_saved_by(self, entry: VersionedEntry) -> str | None:
        return status.newest_in(entry).author or None

    @admin.display(description="last saved at", ordering="newest_at")
    def last_saved_at(self, entry: VersionedEntry) -> str | None:
        at = status.newest_in(entry).at
        return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else None

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        request.GET = without_empty(request.GET)  # type: ignore[assignment]
        return super().changelist_view(request, {"title": capfirst(self.opts.verbose_name_plural)})
