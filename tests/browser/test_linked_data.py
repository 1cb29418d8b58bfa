"""The graphs of all real pages: in the words of schema.org, nothing that the page does not say, no policy violated."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests import schema_org
from tests.browser.content import PAGES, live_addresses

WORDS = ("name", "alternateName", "description", "text", "codeValue", "codingSystem")
ADDRESSES = ("url", "inDefinedTermSet")
LISTS = ("/", "/a-z/", "/words/")


def said(node: Any, names: tuple[str, ...]) -> Iterator[str]:
    """What a graph says by some properties, wherever in it."""
    for name, value in node.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from said(each, names)
            elif name in names:
                yield each


def read(page: str) -> str:
    """What people read on a page, without the letters that mark passages, in single spaces."""
    page = re.sub("<(script|sup)[^>]*>.*?</\\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub("<[^>]*>", "", page)).split())


@pytest.fixture
def pages(db) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every page that has a graph, with that."""
    found = {}
    for address in (*LISTS, *live_addresses()):
        text = Client().get(address).content.decode()
        (graph,) = schema_org.graphs_of(text)
        found[address] = (text, graph)
    return found


def test_every_graph_is_in_the_words_of_schema_org(pages):
    assert len(pages) > 150
    found = {address: schema_org.faults(graph) for address, (_, graph) in pages.items()}
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_no_graph_says_what_its_page_does_not(pages):
    wrong = []
    for address, (text, graph) in pages.items():
        shown = read(text) + " ".join(html.unescape(one) for one in re.findall('<meta name="description".*?>', text))
        wrong += [(address, words) for words in said(graph, WORDS) if " ".join(words.split()) not in shown]
        links = {"http://testserver" + one if one.startswith("/") else one for one in re.findall('href="(.*?)"', text)}
        links = {html.unescape(one) for one in links}
        wrong += [(address, one) for one in said(graph, ADDRESSES) if one not in links]
        days = set(re.findall(r'<time datetime="(\d{4}-\d\d-\d\d)T', text))
        wrong += [(address, one) for one in said(graph["@graph"][0], ("dateModified",)) if one not in days]
    assert wrong == []


@pytest.mark.browser
def test_the_policy_of_the_site_lets_a_graph_pass_and_no_script(tab):
    tab.add_init_script("addEventListener('securitypolicyviolation', e => (window.refused ||= []).push(e.blockedURI))")
    for address in (*LISTS, PAGES["condition"], PAGES["question"]):
        tab.goto(address)
        assert tab.locator('script[type="application/ld+json"]').count() == 1, address
        assert tab.evaluate("window.refused") is None, address
    tab.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))")
    tab.wait_for_function("window.refused")
    assert tab.evaluate("window.refused") == ["inline"]
