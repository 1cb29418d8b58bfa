"""What is due goes live on servers that run, once."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

from tests.resilience.editing import PAGE
from tests.resilience.processes import Server, finish, manage
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process

PLAN = """
from django.contrib.auth.models import User
from django.utils import timezone
from conditions import drafts, publishing
from conditions.models import Decision, desk
from conditions.publishing.versions import add_decision
bell, by = desk.Condition.objects.get(slug="bells-palsy"), User.objects.get(username="editor0")
version = publishing.save(record=drafts.read(bell) | {"summary": "On time."}, entry=bell, by=by).version
with publishing.write_lock():
    add_decision(version, Decision.Verb.SCHEDULE, by=by, at=timezone.now(), due=timezone.now())
"""
"""It is due at once, which the verb refuses: a minute need not be waited for."""


def test_two_servers_publish_what_is_due_once(site, database):
    status, said = finish(manage(database, site.data, "shell", "-c", PLAN))
    assert status == 0, said
    with ExitStack() as running:
        servers = [running.enter_context(started) for started in [Server(database, site.data) for _ in range(2)]]
        ends = time.monotonic() + 30
        while "On time." not in Visitor(servers[0].port).get(PAGE).text:
            assert time.monotonic() < ends, servers[0].log.read_text()
            time.sleep(0.05)
        for server in servers:
            assert "On time." in Visitor(server.port).get(PAGE).text
            assert "cannot be published" not in server.log.read_text()
    assert database.query("SELECT max(number), count(*) FROM conditions_edition WHERE number > 0") == [(2, 2)]
    assert database.query("SELECT count(*) FROM conditions_decision WHERE verb = 'fail'") == [(0,)]
