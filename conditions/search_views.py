"""Pages by which readers find others. As in `views`, each view gets, guards and renders, and none writes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conditions.guards import alert, one_edition, safe_methods_only, slice_of
from conditions.schema import Kind
from conditions.search import count_results, find_pages, result_of

RESULTS_PER_PAGE = 20


@safe_methods_only
@one_edition
def search(request: HttpRequest) -> HttpResponse:
    """What ?q= finds, of ?kind= if that is a kind. Any text gives results or none."""
    query = request.GET.get("q", "").strip()
    kind = next((kind for kind in Kind if kind.value == request.GET.get("kind")), None)
    counts = count_results(query)
    total = counts.get(kind, 0) if kind else sum(counts.values())
    found = find_pages(query, [kind] if kind else []).prefetch_related("live")
    rows = slice_of(found, request, RESULTS_PER_PAGE, count=total)
    context = {
        "query": query,
        "kind": kind,
        "counts": counts,
        "all": sum(counts.values()),
        "rows": rows,
        "results": [result_of(page, query) for page in rows],
        "alert": alert(),
        "section": "search",
    }
    return render(request, "pages/search.html", context)
