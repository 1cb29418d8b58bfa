"""Addresses for machines: crawlers, readers of feeds, browsers, and what watches whether the site answers."""

from __future__ import annotations

import re
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from conditions.guards import public, safe_methods_only, site_of
from conditions.history import moved_in
from conditions.models.published import Edition

EDITIONS = 20
"""Editions that the feed tells of, the newest."""
MOST_MOVED = 20
"""Pages that it names of each."""
KEPT_OUT = ("/admin/", "/find/?", "/compare/?")
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@safe_methods_only
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers are asked to leave alone, and where the list of pages is.

    Two things that are not the same: what is not to be listed says `noindex` itself, and may be read, because who is
    kept out never reads that: the search, old versions. Kept out is only where reading is the harm: the admin, and
    what was chosen on /find/ and /compare/, each of which leads to more such addresses without end. No page that is
    to be listed is either.
    """
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in KEPT_OUT)]
    lines += ["", f"Sitemap: {site_of(request)}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public()
def feed(request: HttpRequest) -> HttpResponse:
    """The newest editions and what each moved, as an Atom feed. What an entry is known by is the edition's address."""
    newest = list(Edition.objects.all()[: EDITIONS + 1])
    editions = [edition for edition in newest[:EDITIONS] if edition.number]
    context = {"site": site_of(request), "editions": moved_in(editions, MOST_MOVED), "newest": newest[0]}
    text = _NOT_IN_XML.sub("", render_to_string("changes.atom", context))
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


@safe_methods_only
def opensearch(request: HttpRequest) -> HttpResponse:
    """How to search the site, for browsers that offer to (OpenSearch 1.1)."""
    text = render_to_string("opensearch.xml", {"site": site_of(request)})
    return HttpResponse(text, content_type="application/opensearchdescription+xml; charset=utf-8")


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
