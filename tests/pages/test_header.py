"""The links above every page."""

import pytest


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("/face/", '<a href="/face/" aria-current="true">The face</a>'),
        ("/find/", '<a href="/find/" aria-current="true">Check symptoms</a>'),
        ("/find/?symptom=earache", '<a href="/find/" aria-current="true">Check symptoms</a>'),
        ("/a-z/", '<a href="/a-z/" aria-current="true">A to Z</a>'),
    ],
)
def test_the_header_leads_to_the_ways_of_finding_and_says_where_one_is(reader, address, link):
    header = reader(address).text_all.partition("</header>")[0]
    assert link in header
    assert header.count("aria-current") == 1
    assert '<a href="/face/"' in header
    assert '<a href="/find/"' in header
