"""What all tests share: settings that touch nothing of the site, and the small named world.

The world, built through the same verbs that editors use:

    condition  Bell’s palsy  tagged One side; its code rests on a source
        symptom    Facial droop   tags One side, Sudden; evidence: What are the warning signs?
        symptom    Earache        evidence: What are the early signs?
        treatment  Eye care       source: A health service
        cause      Viral illness  evidence: What are the early signs?
        related    Stroke         easily mistaken for; source: A health service; never published: a draft
    question   What are the warning signs?  about Bell’s palsy and Facial droop
    question   What are the early signs?    about Bell’s palsy
"""

import gc
import os
import subprocess
import tempfile
from collections import Counter
from contextlib import suppress
from types import SimpleNamespace

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="facehealth-tests-")
for name in ("SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "HOST", "PORT", "DATABASE_REPLICA_URL"):
    os.environ.pop(name, None)

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import utils as test_utils  # noqa: E402
from django.test.signals import template_rendered  # noqa: E402

pytest.register_assert_rewrite("tests.safe_html", "tests.world", "tests.admin", "tests.resilience", "tests.security")

from conditions import unfound  # noqa: E402
from tests.content_folder import ContentFolder, build_content_folder  # noqa: E402
from tests.world import World, build_world  # noqa: E402


def render_noting_pages(template, context):
    """As Django's tests render, which note each template and copy its context, but for whole pages alone.

    A form is made of hundreds of widgets and parts; noting them is a sixth of the time of tests of forms.
    """
    if context.template is template and not str(template.name).startswith("django/forms/"):
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


test_utils.instrumented_test_render = render_noting_pages

with suppress(ImportError):  # it comes with requirements-dev.txt
    import hypothesis

    # CI tries more made-up cases than the run that a developer waits for.
    hypothesis.settings.register_profile("ci", max_examples=100)
    hypothesis.settings.register_profile("quick", max_examples=40)
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "quick")

SLOW = {"browser": "run Chromium or the Nu HTML checker", "process": "run processes of their own"}
"""The markers of tests that `make test` leaves out, and what such tests do."""
LEFT_OUT: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.AXES_ENABLED = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def writers(monkeypatch):
    """What a test counts is gone after it, and no thread writes meanwhile. Those that would have been started."""
    made = []
    monkeypatch.setattr(unfound, "Thread", lambda **options: SimpleNamespace(start=lambda: made.append(options)))
    yield made
    unfound.start_anew()


@pytest.fixture(autouse=True)
def no_process_without_a_marker(request, monkeypatch):
    """What starts a process or a browser says so by a marker, so that `make test` can leave it out."""

    def refuse(*args, **options):
        pytest.fail("This test starts a process: mark it with `process`, or with `browser`.")

    if not any(map(request.node.get_closest_marker, SLOW)):
        monkeypatch.setattr(subprocess.Popen, "__init__", refuse)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End what live servers' threads have left open: PostgreSQL does not drop a database that is in use."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


@pytest.fixture
def world(db) -> World:
    """The small named world, published but for what is said to be a draft."""
    return build_world()


@pytest.fixture
def folder(tmp_path, settings, db) -> ContentFolder:
    """The site's content files, a few of them, loaded and live."""
    settings.FIXTURES = tmp_path / "fixtures"
    return build_content_folder(settings.FIXTURES)


@pytest.fixture
def load(tmp_path, settings):
    """Writes files of symptoms or others, and loads them; what the command said."""
    settings.FIXTURES = tmp_path / "fixtures"
    folder = ContentFolder(settings.FIXTURES)

    def write_and_load(*texts, kind="symptom"):
        for number, text in enumerate(texts):
            fields = "".join(f"    {line}\n" for line in text.splitlines())
            folder.write(f"{kind}s/{number}", f"- model: conditions.{kind}\n  fields:\n{fields}")
        return folder.load()

    return write_and_load


def pytest_configure():
    """A connection that outlives its thread would keep PostgreSQL's test database from being dropped."""
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        # pytest-django would make a file of its own for each process.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = ":memory:"


def pytest_collection_modifyitems(config, items):
    """What is about PostgreSQL alone is left out on SQLite, and not skipped: `make test-postgres` runs it."""
    # The longest first, so that no process waits for another at the end.
    items.sort(key=lambda item: item.path.name != "test_roles.py" or item.path.parent.name != "security")
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        left_out = [item for item in items if item.get_closest_marker("postgres")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish():
    """Python need not search what was imported for garbage again and again: a tenth of the time of `make test`."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_deselected(items):
    for item in items:
        marker = next(filter(item.get_closest_marker, SLOW), "")
        if marker:
            LEFT_OUT[marker] += 1


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Each of xdist's workers leaves the same tests out, and tells the process that prints the summary."""
    LEFT_OUT.update(Counter(node.workeroutput["left_out"]) - LEFT_OUT)


def pytest_terminal_summary(terminalreporter):
    if LEFT_OUT:
        told = ", ".join(f"{count} that {SLOW[marker]}" for marker, count in sorted(LEFT_OUT.items()))
        terminalreporter.write_line(f"Left out: {told}. `make test-slow` runs them.", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """In CI a skipped test is a failure: a feature whose test is skipped there is not tested."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(LEFT_OUT)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")  # which xdist's workers have not
    if os.environ.get("CI") and exitstatus == 0 and reporter and reporter.stats.get("skipped"):
        reporter.write_line("CI: a test was skipped; that is a failure here.", red=True)
        session.exitstatus = 1
