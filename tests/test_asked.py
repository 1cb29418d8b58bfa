"""The ways of asking that were written down before search was tried on them: the right page comes first, or nearly."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from conditions import search
from conditions.models import Page
from conditions.schema import Kind

ASKED, SOUNDING = (
    yaml.safe_load((Path(__file__).parent / "asked" / name).read_text("utf-8"))
    for name in ("asked.yaml", "emergencies.yaml")
)


@pytest.mark.django_db
def test_the_right_page_comes_first_or_among_three():
    call_command("loaddata", verbosity=0)
    entries = {pk: f"{Kind(kind).plural}/{slug}" for pk, kind, slug in Page.objects.values_list("pk", "kind", "slug")}
    first = three = 0
    for asked in ASKED:
        found = [entries[page] in asked["pages"] for page in list(search.find(asked["query"]).pages)[:3]]
        first += found[:1] == [True]
        three += any(found)
    assert first >= 0.88 * len(ASKED)
    assert three >= 0.95 * len(ASKED)


@pytest.mark.django_db
def test_emergencies_are_caught_and_little_else_is():
    call_command("loaddata", verbosity=0)
    found = {kind: [search.find(query) for query in queries] for kind, queries in SOUNDING.items()}
    caught = {kind: [bool(one.cards or one.is_crisis) for one in each] for kind, each in found.items()}
    assert sum(caught["emergency"]) >= 0.85 * len(caught["emergency"])
    assert [one.is_crisis for one in found["crisis"]].count(False) == 0
    assert sum(caught["off_topic"]) == 0
    assert sum(caught["ordinary"]) <= 0.1 * len(caught["ordinary"])
