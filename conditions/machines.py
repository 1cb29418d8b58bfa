"""Addresses for machines: crawlers, and what watches whether the site answers."""

from __future__ import annotations

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from conditions.guards import safe_methods_only


@safe_methods_only
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers are asked to leave alone, and where the list of pages is.

    Not the search: its results say `noindex` themselves, which a crawler that is kept out never reads.
    """
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {sitemap}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@safe_methods_only
def healthz(request: HttpRequest) -> HttpResponse:
    """200 if the database answers and has every migration, else 503 without saying why."""
    try:
        missing = _migrations() - MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        missing = _migrations()
    text, status = ("not ready", 503) if missing else ("ok", 200)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Every migration on disk, read once."""
    return frozenset(MigrationLoader(None).disk_migrations)
