"""The page of a condition, in as many queries as it has relations."""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from plain.models import CauseRow, Condition, Quote, RelatedRow, RestsOn, SymptomRow, TreatmentRow

ROWS = {"symptoms": SymptomRow, "causes": CauseRow, "treatments": TreatmentRow, "related": RelatedRow}


def condition(request: HttpRequest, slug: str) -> HttpResponse:
    """All of it is asked for at once: a query for each relation, and one for the quotes of each."""
    quotes = Prefetch("quotes", Quote.objects.select_related("question", "source"))
    rows = [
        Prefetch(name, model.objects.select_related("target").prefetch_related(quotes)) for name, model in ROWS.items()
    ]
    cited = Prefetch("rests_on", RestsOn.objects.select_related("question", "source"))
    found = Condition.objects.prefetch_related("tags", "terms", "questions", cited, *rows)
    return render(request, "plain/condition.html", {"condition": get_object_or_404(found, slug=slug)})
