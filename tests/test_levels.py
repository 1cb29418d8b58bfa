"""What each page of the shipped content says first about when to get help, held against docs/care.md."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from conditions.models import Page
from conditions.schema import LOOKED_UP, Kind

TABLE = Path(__file__).parent.parent / "docs" / "care.md"
ROW = re.compile(r"^\| `(/.*?/)` \| (\w+) \|$", re.MULTILINE)
ORDER = ("now", "today", "soon", "alert", "none")


def first_level(text: str) -> str:
    """The level of the first card of a page; "alert" where there is only the line that leads to one."""
    main = text.partition("<main")[2]
    if card := re.search(r'<div class="care (\w+)">', main):
        return card[1]
    return "alert" if 'class="alert"' in main else "none"


@pytest.mark.django_db
def test_each_page_begins_with_the_level_that_was_decided():
    call_command("loaddata", verbosity=0)
    pages = Page.objects.listed().filter(kind__in=[*LOOKED_UP, Kind.QUESTION])
    found = {page.url: first_level(Client().get(page.url).content.decode()) for page in pages}
    rows = sorted(found.items(), key=lambda row: (ORDER.index(row[1]), row[0]))
    told = ROW.findall(TABLE.read_text("utf-8"))
    assert told == rows, "\n".join(f"| `{address}` | {level} |" for address, level in rows)
