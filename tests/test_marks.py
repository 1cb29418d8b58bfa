"""Every mark on every page of the shipped content leads to words that stand where it says."""

import html
import re

import pytest
from django.core.management import call_command
from django.test import Client

from conditions import quotes, statements
from conditions.models import Page, Version
from conditions.schema import Kind

pytestmark = pytest.mark.django_db
FIGURE = re.compile(r"<figure>(.*?)</figure>", re.DOTALL)
QUOTED = re.compile(r"<u>(.*?)</u>", re.DOTALL)


def page_of(address, known={}):  # noqa: B006  # one answer for each address of a test run
    if address not in known:
        known[address] = Client().get(address).content.decode()
    return known[address]


def test_every_mark_on_every_page_leads_to_words_that_stand_there():
    call_command("loaddata", verbosity=0)
    cited = Version.objects.filter(live_on__kind__in=(Kind.QUESTION, Kind.SOURCE))
    texts = {
        f"/{kind}s/{record['slug']}/": statements.quotable(record)
        for kind, record in cited.values_list("page__kind", "record")
    }
    wrong, seen = [], 0
    for page in Page.objects.listed():
        for figure in FIGURE.findall(page_of(page.url)):
            address, _, anchor = re.search(r'<figcaption>.*?href="(.*?)"', figure, re.DOTALL)[1].partition("#")
            words = [html.unescape(one) for one in QUOTED.findall(figure)]
            seen += len(words)
            wrong += [f"{page.url}: {one}" for one in words if not quotes.spans(texts[address], one)]
            if anchor and f'id="{anchor}"' not in page_of(address):
                wrong.append(f"{page.url}: {address}#{anchor} is not there")
    assert wrong == []
    assert seen > 500


def test_every_statement_that_a_document_names_is_where_it_says():
    call_command("loaddata", verbosity=0)
    wrong, seen = [], 0
    for page in Page.objects.listed().filter(kind__in=(Kind.QUESTION, Kind.SOURCE)):
        legend = page_of(page.url).partition('<div class="legend"')[2].partition("</blockquote>")[0]
        for address, anchor in re.findall(r'<a href="(/[^"#]*)#([^"]*)">', legend):
            seen += 1
            if f'id="{anchor}"' not in page_of(address):
                wrong.append(f"{page.url}: {address}#{anchor}")
    assert wrong == []
    assert seen > 500
