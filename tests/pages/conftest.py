"""What the tests of pages share: a reader, who sends no cookie, and what an edition does to the world."""

import re

import pytest
from django.test import Client

from conditions import publishing
from tests.kept import cached, fill

MOST_QUERIES = 6
ONE_MORE = re.compile(r"/questions/.|/search/|/[a-z]+/\?tag=")
"""What asks once more: for what to do about the subject, when to call, the groups of tags."""
BARE = ("question", "source")


@pytest.fixture
def reader(world, django_assert_max_num_queries):
    """Get a page as a reader: at most six queries, or one more, no cookie set, no session asked for."""

    def get(address, **extra):
        with django_assert_max_num_queries(MOST_QUERIES + bool(ONE_MORE.match(address))):
            answer = Client(enforce_csrf_checks=True).get(address, **extra)
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
        answer.text_all = answer.content.decode()
        return answer

    return get


@pytest.fixture
def publish(world):
    """Save changed fields of an entry of the world, and publish them."""

    def change(name, /, **fields):
        entry = getattr(world, name)
        record = publishing.newest(entry.page).record | fields
        saved = publishing.save(record=record, entry=entry, by=world.author)
        return publishing.publish(versions=[saved.version], by=world.publisher, note="A change.")

    return change


@pytest.fixture
def add(world):
    """Save and publish new records in one edition, with a summary where they want one."""

    def add(*records):
        whole = [({} if record["kind"] in BARE else {"summary": "In short."}) | record for record in records]
        saved = [publishing.save(record=record, entry=None, by=world.author) for record in whole]
        publishing.publish(versions=[one.version for one in saved], by=world.publisher)

    return add


@pytest.fixture
def cache(world):
    """A page cache that keeps all of the small world."""
    made = cached()
    fill(made)
    return made
