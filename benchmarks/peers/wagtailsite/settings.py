"""Settings of the Wagtail site, those of `wagtail start`."""

import common

globals().update(common.settings("wagtailsite", "wagtail.contrib.redirects.middleware.RedirectMiddleware"))
INSTALLED_APPS = [
    "wagtailsite",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    *common.DEFAULT_APPS,
]
ROOT_URLCONF = "wagtailsite.urls"
WAGTAIL_SITE_NAME = "Wagtail"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
# Filling the site need not index each page by itself.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database", "AUTO_UPDATE": False}}
