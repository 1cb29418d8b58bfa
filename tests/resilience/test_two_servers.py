"""What is published on one server, the other shows to the next reader."""

from __future__ import annotations

import pytest

from tests.resilience import table
from tests.resilience.editing import PAGE, edit
from tests.resilience.processes import Server
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process

ROUNDS = 6


def test_what_one_server_publishes_the_other_shows_at_the_next_request(site, database):
    with Server(database, site.data) as one, Server(database, site.data) as other:
        for number in range(ROUNDS):
            here, there = (one, other) if number % 2 else (other, one)
            words = f"Published in round {number}."
            assert words not in Visitor(there.port).get(PAGE).text
            assert edit(here, site.sessions[0], words).status == 302
            for server in (there, here):
                assert words in Visitor(server.port).get(PAGE).text
                assert words in Visitor(server.port).get("/conditions/").text
                assert PAGE in Visitor(server.port).get(f"/search/?q=round+{number}").text
            table.row(f"published on one server, read on the other ({database.vendor})").trial("there at once")
