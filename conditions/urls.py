"""Addresses of the public pages, the admin and the health check."""

from django.urls import include, path, register_converter

from conditions import (
    compare_views,
    face_views,
    find_views,
    machines,
    search_views,
    shared_previews,
    sitemaps,
    views,
)
from conditions.admin.site import site
from conditions.schema import Kind


class KindConverter:
    """A kind as addresses say it: in the plural."""

    regex = "|".join(kind.plural for kind in Kind)

    def to_python(self, value: str) -> Kind:
        return Kind.of_plural(value)

    def to_url(self, value: Kind | str) -> str:
        return Kind(value).plural


register_converter(KindConverter, "kind")

entry_urls = [
    path("", views.page, name="page"),
    path("history/", views.history, name="history"),
    path("history/<int:number>/", views.version, name="version"),
    path("history/<int:number>/cite.ris", views.ris, name="ris"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("a-z/", views.a_to_z, name="a_to_z"),
    path("face/", face_views.overview, name="face"),
    path("face/<slug:slug>/", face_views.place, name="place"),
    path("search/", search_views.search, name="search"),
    path("search/suggest/", search_views.suggest, name="suggest"),
    path("compare/", compare_views.compare, name="compare"),
    path("find/", find_views.find, name="find"),
    path("changes/", views.changes, name="changes"),
    path("changes/feed.atom", machines.feed, name="feed"),
    path("changes/<int:number>/", views.edition, name="edition"),
    path("about/", views.about, name="about"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemaps.part, name="sitemap-part"),
    path("opensearch.xml", machines.opensearch, name="opensearch"),
    path("healthz", machines.healthz, name="healthz"),
    path("preview/<str:token>/", shared_previews.shown, name="shared_preview"),
    # As it arrives where a mail program leaves out the last slash. A redirect could be kept, and the link is a secret.
    path("preview/<str:token>", shared_previews.shown),
    path("admin/", site.urls),
    path("<kind:kind>/", views.entry_list, name="entry_list"),
    path("<kind:kind>/<slug:slug>/", include(entry_urls)),
]
