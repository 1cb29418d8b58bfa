"""What the query string of an address of the admin may say. Anything else is passed over, and is no error."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse, QueryDict

View = Callable[..., HttpResponse]


def cleaning(view: View) -> View:
    """A view whose query has no NUL characters: no name holds one, and a database that is asked for one fails."""

    @wraps(view)
    def cleaned(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if any("\0" in value for _, values in request.GET.lists() for value in values):
            query = QueryDict(mutable=True)
            for name, values in request.GET.lists():
                query.setlist(name, [value.replace("\0", "") for value in values])
            request.GET = query  # type: ignore[assignment]
        return view(request, *args, **kwargs)

    return cleaned


class OfferedFilters(ChangeList):
    """A list that is narrowed by the filters that it offers, and by no other column or lookup.

    Django's own takes every lookup on every column of the model from the query, and many values make it fail.
    """

    def get_filters_params(self, params: dict[str, list[str]] | None = None) -> dict[str, list[str]]:
        """What the filters are asked for, by the names that they have in a query."""
        offered: set[str] = set()
        for one in self.list_filter:
            name = getattr(one, "parameter_name", None)
            offered |= {name} if name else {str(one), f"{one}__exact", f"{one}__isnull"}
        asked: dict[str, list[str]] = super().get_filters_params(params)
        return {name: values for name, values in asked.items() if name in offered}


def whole_number(said: str) -> int:
    """The number that a form or an address says; 0 where it says none that the database could hold."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0
