"""The settings that both peers share, as `startproject` makes them."""

import json
import os
from typing import Any

DEFAULT_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DEFAULT_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]


def settings(app: str, *last: str) -> dict[str, Any]:
    """Settings but for the apps and the addresses. app: the peer's own. last: middleware after Django's.

    PEER_DATABASE has Django's DATABASES, as JSON; PEER_CACHE=1 keeps whole answers.
    """
    middleware = [*DEFAULT_MIDDLEWARE, *last]
    if os.environ.get("PEER_CACHE") == "1":  # as Django's documentation says, with GZip below what keeps answers
        update, fetch = (f"django.middleware.cache.{name}CacheMiddleware" for name in ("Update", "FetchFrom"))
        middleware = [update, "django.middleware.gzip.GZipMiddleware", *middleware, fetch]
    return {
        "SECRET_KEY": "for measuring on this machine only, and for nothing else",
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "DATABASES": json.loads(os.environ["PEER_DATABASE"]),
        "MIDDLEWARE": middleware,
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        "CACHE_MIDDLEWARE_SECONDS": 3600,
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
            }
        ],
        "STATIC_URL": "static/",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        # Made when a database is filled, in a folder that is thrown away.
        "MIGRATION_MODULES": {app: "made_migrations"},
    }
