"""Slugs as file names, and what wrong references may have meant: through forms and files."""

import pytest
from django.core.management import CommandError
from django.test import Client

from conditions import publishing, validation
from conditions.models import Cause, Symptom, Tag
from conditions.publishing import SYSTEM
from conditions.records import InvalidRecord
from tests.admin.client import Editor

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(world):
    return Editor(world.publisher)


@pytest.fixture
def any_slug(monkeypatch):
    """Saves an entry as it could be before slugs had to be file names on every system."""

    def save(**record):
        with monkeypatch.context() as before:
            before.setattr(validation, "new_slug_problems", lambda *_: {})
            return publishing.save(record=record, entry=None, by=SYSTEM).entry

    return save


def page(slug="facial-droop", kind="symptoms"):
    return Client().get(f"/{kind}/{slug}/").content.decode()


SLUGS = [
    ("One-Side", "'One-Side' is 'one-side' in other letters; write it so"),
    ("Hemifacial", "'Hemifacial' is 'hemifacial' in other letters; write it so"),
    ("com1", "'com1' cannot be the name of a file on Windows"),
    ("aux", "'aux' cannot be the name of a file on Windows"),
    ("-spasm", "'-spasm' begins or ends with a hyphen; write 'spasm'"),
    ("spasm_", "'spasm_' begins or ends with a hyphen; write 'spasm'"),
    ("two words", "'two words' is not a valid slug; use up to 200 lower-case letters, digits and hyphens"),
    ("eye.care", "'eye.care' is not a valid slug"),
    ("x" * 201, "is not a valid slug"),
]


@pytest.mark.parametrize(("slug", "message"), SLUGS)
def test_a_new_slug_is_a_file_name_on_every_system(world, publisher, load, slug, message):
    form = publisher.add("tag").send(name="A tag", slug=slug, group="side")
    assert message in form.errors["slug"][0]
    with pytest.raises(CommandError) as error:
        load(f"slug: {slug!r}\nname: A tag\ngroup: side", kind="tag")
    assert f"tags/0.yaml: object 1: conditions.tag: slug: {message}" in str(error.value) or len(slug) > 200
    assert not Tag.objects.filter(name="A tag").exists()


def test_a_tag_is_refused_where_its_name_makes_no_file_name(world, publisher):
    errors = publisher.open(world.droop).send(tags=["AUX"]).errors
    assert errors == {"tags": ["'aux' cannot be the name of a file on Windows; choose another, such as 'aux-1'"]}


def test_an_old_slug_with_capitals_stays_and_has_no_twin(world, publisher, load, any_slug):
    entry = any_slug(kind="symptom", slug="Eye-Pain", name="Eye pain", summary="It hurts.")
    load("slug: Eye-Pain\nname: Eye pain\nsummary: It hurts.\n")
    load("slug: Eye-Pain\nname: Eye pain\nsummary: The eye hurts.\n")
    assert Symptom.objects.get(slug="Eye-Pain").summary == "The eye hurts."
    assert publisher.open(entry).send("_publish", summary="It aches.").errors == {}
    assert "It aches." in page("Eye-Pain")
    twin = publisher.add("symptom").send(name="Eye pain", slug="eye-pain")
    message = "'eye-pain' is 'Eye-Pain' in other letters, which some systems cannot tell apart; choose another"
    assert twin.errors == {"slug": [message]}
    assert publisher.open(entry).send("_publish", slug="eye-pain").errors == {}
    assert Client().get("/symptoms/Eye-Pain/").headers["Location"] == "/symptoms/eye-pain/"
    with pytest.raises(CommandError, match="'EYE-PAIN' is 'eye-pain' in other letters"):
        load("slug: EYE-PAIN\nname: Eye pain")


def test_a_deleted_entry_comes_back_at_its_old_slug(world, any_slug):
    entry = any_slug(kind="cause", slug="Old-Cause", name="Old")
    version = publishing.newest(entry.page)
    publishing.delete(entry=entry, by=SYSTEM)
    assert publishing.restore(version=version, by=SYSTEM).entry.slug == "Old-Cause"
    publishing.delete(entry=Cause.objects.get(slug="Old-Cause"), by=SYSTEM)
    publishing.save(record={"kind": "cause", "slug": "old-cause", "name": "New"}, entry=None, by=SYSTEM)
    with pytest.raises(InvalidRecord, match="'Old-Cause' is 'old-cause' in other letters"):
        publishing.restore(version=version, by=SYSTEM)
