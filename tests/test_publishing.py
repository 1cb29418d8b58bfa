"""The verbs, as the admin and the commands call them."""

from importlib import import_module

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.db.migrations.state import ProjectState
from django.utils import timezone

from conditions import drafts, page_content, publishing, records, usage
from conditions.models import Address, Change, Condition, Edition, Link, Name, Page, Posting, Symptom, Tag, Version
from conditions.publishing import SYSTEM, access
from conditions.records import InvalidRecord
from conditions.schema import Kind
from tests.world import build_world, make_user

pytestmark = pytest.mark.django_db


def edited(world, which, **changes):
    """Save changes to an entry of the world as its author; what the save did."""
    entry = getattr(world, which)
    return publishing.save(record=drafts.read(entry) | changes, entry=entry, by=world.author)


def seen(page):
    """What readers see of a page: everything that a change of it would show in."""
    page.refresh_from_db()
    links = Link.objects.filter(owner=page).order_by("order").values_list("relation", "target", "note")
    names = Name.objects.filter(page=page).values_list("text", flat=True)
    return (page.live_id, page.slug, page.name, page.summary, page.edition_id, *links, *names)


def test_save_keeps_a_draft_that_readers_do_not_see(world):
    before = seen(world.page("droop"))
    saved = edited(world, "droop", summary="Changed.", also_called=["sagging"])
    assert saved.is_new
    assert (saved.version.number, saved.version.by) == (2, world.author)
    assert seen(world.page("droop")) == before
    assert Symptom.objects.get(slug="facial-droop").summary == "Changed."


def test_save_of_the_same_words_keeps_no_version(world):
    saved = edited(
        world,
        "droop",
        summary="One side of the face  hangs down. ",
        help_now="It can be a stroke. [@health-service]\r\n\r\n",
    )
    assert not saved.is_new
    assert Version.objects.filter(page=world.page("droop")).count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "name: is missing"),
        ({"slug": "a b"}, "slug: 'a b' is not a valid slug"),
        ({"slug": "earache"}, "slug: 'earache' is the slug of 'Earache'"),
        ({"tags": ["one-sied"]}, "tags: there is no tag 'one-sied'; did you mean 'one-side'?"),
        ({"evidence": ["nothing-like-it"]}, "evidence: there is no question 'nothing-like-it'"),
        (
            {"causes": [{"target": "viral-ilness"}]},
            "causes, viral-ilness: there is no cause 'viral-ilness'; did you mean",
        ),
        ({"body": "x [@elsewhere]"}, "body: [@elsewhere] is not among this entry's"),
        ({"name": "x" * 301}, "name: is 301 characters long; shorten it to at most 300"),
        ({"name": "a\x00b"}, "name: contains the control character U+0000"),
    ],
)
def test_save_refuses_a_bad_record_and_writes_nothing(world, changes, message):
    before = Version.objects.count()
    with pytest.raises(InvalidRecord) as caught:
        edited(world, "droop", **changes)
    assert message in str(caught.value)
    assert Version.objects.count() == before


def test_save_merges_what_two_editors_typed(world):
    entry = world.droop
    mine, yours = (drafts.read(entry) for _ in range(2))
    publishing.save(record=mine | {"summary": "Mine."}, entry=entry, by=world.author, base_version=1)
    saved = publishing.save(
        record=yours | {"also_called": ["sagging"]}, entry=world.droop, by=world.publisher, base_version=1
    )
    assert saved.merged
    record = drafts.read(world.droop)
    assert (record["summary"], record["also_called"]) == ("Mine.", ["sagging"])
    assert saved.version.origin == Version.Origin.MERGE


def test_save_stops_at_a_clash_until_it_is_settled(world):
    entry = world.droop
    typed = drafts.read(entry) | {"summary": "Yours."}
    publishing.save(record=typed | {"summary": "Mine."}, entry=entry, by=world.author, base_version=1)
    with pytest.raises(publishing.EditConflict) as caught:
        publishing.save(record=typed, entry=world.droop, by=world.publisher, base_version=1)
    conflict = caught.value.conflicts[0]
    assert (conflict.path, conflict.ours, conflict.theirs) == (("summary",), "Yours.", "Mine.")
    assert world.droop.summary == "Mine."
    publishing.save(record=typed, entry=world.droop, by=world.publisher, base_version=1, resolved_version=2)
    assert world.droop.summary == "Yours."


def test_save_keeps_first_what_was_written_past_the_verbs(world):
    Symptom.objects.filter(slug="facial-droop").update(summary="From a shell.")
    typed = drafts.read(world.droop) | {"summary": "Typed."}
    publishing.save(record=typed, entry=world.droop, by=world.author)
    kept = [version.record["summary"] for version in world.page("droop").versions.order_by("number")]
    assert kept == ["One side of the face hangs down.", "From a shell.", "Typed."]


def test_publish_moves_everything_readers_see_in_one_edition(world):
    editions = Edition.objects.count()
    saved = edited(world, "droop", name="Drooping of the face", also_called=["sagging"])
    published = publishing.publish(versions=[saved.version], by=world.publisher, note="Plainer name.")
    assert Edition.objects.count() == editions + 1
    page = world.page("droop")
    assert (page.live, page.name, page.edition) == (saved.version, "Drooping of the face", published.edition)
    assert set(Name.objects.filter(page=page).values_list("text", flat=True)) == {
        "Drooping of the face",
        "sagging",
    }
    change = Change.objects.get(edition=published.edition)
    assert (change.page, change.before.number, change.after.number) == (page, 1, 2)


def test_publish_takes_new_tags_and_sources_along(world):
    tags = publishing.tags_named(["Worse at night", "worse-at-night", "One side"], by=world.author)
    assert tags == ["one-side", "worse-at-night"]
    saved = edited(world, "droop", tags=tags)
    assert not Page.objects.live().filter(slug="worse-at-night").exists()
    published = publishing.publish(versions=[saved.version], by=world.publisher)
    assert {version.record["slug"] for version in published.versions} == {"facial-droop", "worse-at-night"}
    assert Tag.objects.filter(name="Worse at night").count() == 1


def test_publish_names_relations_that_stay_hidden(world):
    saved = edited(world, "bell", summary="Changed.")
    published = publishing.publish(versions=[saved.version], by=world.publisher)
    assert [page.name for page in published.hidden] == ["Stroke"]


@pytest.mark.parametrize("role", ["author", "reviewer"])
@pytest.mark.parametrize("verb", ["publish", "withdraw"])
def test_publish_and_withdraw_need_a_publisher(world, role, verb):
    saved = edited(world, "droop", summary="Changed.")
    by, before = getattr(world, role), seen(world.page("droop"))
    attempts = {
        "publish": lambda: publishing.publish(versions=[saved.version], by=by),
        "withdraw": lambda: publishing.withdraw(pages=[world.page("earache")], by=by, reason="x"),
    }
    with pytest.raises(publishing.NotAllowed):
        attempts[verb]()
    assert seen(world.page("droop")) == before


@pytest.mark.parametrize("by", ["reviewer", "nobody", "inactive"])
def test_save_restore_and_delete_need_their_permission(world, by):
    person = {"nobody": AnonymousUser(), "reviewer": world.reviewer}.get(by)
    person = person or make_user("inactive", "Publisher", is_active=False)
    entry = world.stroke
    with pytest.raises(publishing.NotAllowed):
        publishing.save(record=drafts.read(entry) | {"summary": "x"}, entry=entry, by=person)
    with pytest.raises(publishing.NotAllowed):
        publishing.restore(version=world.newest("stroke"), by=person)
    with pytest.raises(publishing.NotAllowed):
        publishing.delete(entry=entry, by=person)
    assert Version.objects.filter(page=world.page("stroke")).count() == 1


def refuses(world, versions, message):
    editions = Edition.objects.count()
    with pytest.raises(publishing.Refused, match=message):
        publishing.publish(versions=versions, by=world.publisher)
    assert Edition.objects.count() == editions


def test_publish_refuses_what_is_not_ready(world):
    live = world.newest("droop")
    refuses(world, [], "nothing to publish")
    refuses(world, [live], "is already live")
    newer = edited(world, "droop", summary="Changed.").version
    refuses(world, [live, newer], "Two versions of one page")
    publishing.publish(versions=[newer], by=world.publisher)
    refuses(world, [live], "is older than the live one")
    refuses(world, [edited(world, "droop", summary="").version], "In one sentence: write one plain sentence")
    bare = edited(
        world,
        "bell",
        causes=[{"target": "viral-illness", "note": "", "tags": [], "evidence": [], "sources": []}],
    )
    refuses(world, [bare.version], "Causes, Viral illness: this cause has no evidence")


def test_publish_refuses_a_relation_whose_document_readers_cannot_see(world):
    question = {"kind": "question", "slug": "draft", "name": "A draft?", "answer": "Yes."}
    draft = publishing.save(record=question, entry=None, by=world.author)
    causes = [{"target": "viral-illness", "note": "", "tags": [], "evidence": ["draft"], "sources": []}]
    saved = edited(world, "bell", causes=causes)
    refuses(world, [saved.version], "the document that states this is not published")
    publishing.publish(versions=[saved.version, draft.version], by=world.publisher)
    assert world.page("bell").live == saved.version


def test_withdraw_takes_the_page_down_and_keeps_its_history(world):
    page = world.page("eye_care")
    instead = world.page("bell")
    publishing.withdraw(pages=[page], by=world.publisher, reason="Out of date.", instead=instead)
    page.refresh_from_db()
    assert page.live is None
    assert not Name.objects.filter(page=page).exists()
    change = page.changes.first()
    assert (change.after, change.reason, change.instead) == (None, "Out of date.", instead)
    assert page.versions.count() == 1


def test_withdraw_refuses_to_take_what_a_live_relation_rests_on(world):
    with pytest.raises(publishing.Refused, match="is the only evidence for “Bell’s palsy: Facial droop”"):
        publishing.withdraw(pages=[world.page("warning")], by=world.publisher, reason="x")
    with pytest.raises(publishing.Refused, match="Write a reason"):
        publishing.withdraw(pages=[world.page("eye_care")], by=world.publisher, reason=" ")
    with pytest.raises(publishing.Refused, match="it is not live"):
        publishing.withdraw(pages=[world.page("stroke")], by=world.publisher, reason="x")
    publishing.withdraw(pages=[world.page("warning"), world.page("bell")], by=world.publisher, reason="Both go.")


def test_restore_puts_an_old_version_back_exactly(world):
    first = world.newest("bell")
    said = drafts.read(world.bell)
    edited(world, "bell", summary="Changed.", symptoms=[], tags=[])
    restored = publishing.restore(version=first, by=world.author)
    assert drafts.read(world.bell) == said
    assert (restored.version.number, restored.version.origin) == (3, Version.Origin.RESTORE)


def test_restore_keeps_a_rename_and_follows_those_of_others(world):
    first = world.newest("bell")
    edited(world, "bell", slug="bell-palsy", name="Bell palsy")
    edited(world, "droop", slug="drooping")
    publishing.restore(version=first, by=world.author)
    record = drafts.read(world.bell)
    assert (record["slug"], record["name"]) == ("bell-palsy", "Bell’s palsy")
    assert record["symptoms"][0]["target"] == "drooping"


@pytest.mark.parametrize("choice", [publishing.Missing.RESTORE, publishing.Missing.LEAVE_OUT])
def test_restore_names_what_is_gone_and_does_as_told(world, choice):
    first = world.newest("bell")
    edited(world, "bell", related=[])
    publishing.delete(entry=world.stroke, by=world.publisher)
    with pytest.raises(publishing.MissingReferences, match="the condition 'stroke' is no longer there"):
        publishing.restore(version=first, by=world.author)
    publishing.restore(version=first, by=world.author, missing=choice)
    back = choice is publishing.Missing.RESTORE
    assert Condition.objects.filter(slug="stroke").exists() == back
    assert [row["target"] for row in drafts.read(world.bell)["related"]] == ["stroke"] * back


def test_delete_refuses_what_is_live_or_referred_to(world):
    with pytest.raises(publishing.Refused, match="it is live; withdraw it first"):
        publishing.delete(entry=world.bell, by=world.publisher)
    with pytest.raises(publishing.Refused, match="condition 'Bell’s palsy' refers to it"):
        publishing.delete(entry=world.stroke, by=world.publisher)


@pytest.mark.parametrize(
    ("name", "referrers"),
    [
        ("one_side", ["condition 'Bell’s palsy'"]),
        ("sudden", ["condition 'Bell’s palsy'"]),
        ("service", ["condition 'Bell’s palsy'", "symptom 'Facial droop'"]),
        ("early", ["condition 'Bell’s palsy'"]),
        ("droop", ["condition 'Bell’s palsy'", "question 'What are the warning signs?'"]),
        ("bell", ["question 'What are the early signs?'", "question 'What are the warning signs?'"]),
    ],
)
def test_uses_name_every_entry_that_refers_here(world, name, referrers):
    assert sorted(map(str, usage.uses_of(getattr(world, name)))) == referrers


def test_delete_keeps_the_versions_and_the_address(world):
    edited(world, "bell", related=[])
    page = world.page("stroke")
    publishing.delete(entry=world.stroke, by=world.publisher)
    assert page.versions.count() == 1
    again = publishing.save(record=page.versions.get().record | {"name": "Again"}, entry=None, by=world.author)
    assert (again.entry.page, again.version.number) == (page, 2)


def test_rename_reserves_the_old_address_for_ever(world):
    saved = edited(world, "droop", slug="drooping")
    assert saved.is_new
    assert Address.objects.get(slug="drooping").edition is None
    publishing.publish(versions=[saved.version], by=world.publisher)
    assert world.page("droop").slug == "drooping"
    other = {"kind": "symptom", "slug": "facial-droop", "name": "Another", "summary": "x"}
    with pytest.raises(InvalidRecord, match="belongs to 'Facial droop' permanently"):
        publishing.save(record=other, entry=None, by=world.author)
    with pytest.raises(InvalidRecord, match="belongs to 'Facial droop' permanently"):
        edited(world, "earache", slug="facial-droop")
    assert world.earache.slug == "earache"


def test_rename_makes_no_version_of_those_that_refer_to_it(world):
    edited(world, "droop", slug="drooping")
    saved = publishing.save(record=drafts.read(world.bell), entry=world.bell, by=world.author)
    assert not saved.is_new


def test_rename_of_a_source_takes_its_citations_in_text_along(world, client):
    saved = edited(world, "service", slug="national-service")
    published = publishing.publish(versions=[saved.version], by=world.publisher)
    assert published.edition.number
    page = client.get("/symptoms/facial-droop/").content.decode()
    assert 'href="/sources/national-service/"' in page
    assert "</span>[A]</summary>" in page
    record = drafts.read(world.droop)
    assert (record["sources"], record["help_now"]) == (
        ["national-service"],
        "It can be a stroke. [@national-service]\n",
    )
    assert not edited(world, "droop", help_now="It can be a stroke. [@health-service]").is_new
    again = publishing.restore(version=world.newest("droop"), by=world.author)
    assert "[@national-service]" in drafts.read(again.entry)["help_now"]


def test_version_is_never_changed_or_deleted(world):
    version = world.newest("bell")
    for forbidden in (version.save, version.delete, Version.objects.all().delete):
        with pytest.raises(TypeError):
            forbidden()
    with pytest.raises(TypeError):
        Version.objects.update(comment="x")


@pytest.mark.parametrize("name", ["bell", "droop", "eye_care", "virus", "warning", "one_side", "service"])
def test_write_of_what_was_read_changes_nothing(world, name):
    entry = getattr(world, name)
    record = drafts.read(entry)
    drafts.write(entry, record)
    assert drafts.read(getattr(world, name)) == record
    assert publishing.save_version(entry=getattr(world, name), by=world.author) is None


def test_tags_are_their_slugs_through_the_manager_too(world):
    entry = world.bell
    entry.tags.set(["One Side", "one side", "one-side", "2024"])
    assert sorted(entry.tags.slugs()) == ["2024", "one-side"]
    with pytest.raises(InvalidRecord, match="has no letters or digits"):
        publishing.tags_named(["!!!"], by=world.author)


def test_save_from_a_stale_form_merges_with_what_came_meanwhile(world):
    stale = world.droop
    typed = drafts.read(stale) | {"body": "Mine.\n"}
    theirs = drafts.read(stale) | {"summary": "Theirs."}
    publishing.save(record=theirs, entry=world.droop, by=world.publisher, base_version=1)
    saved = publishing.save(record=typed, entry=stale, by=world.author, base_version=1)
    record = drafts.read(world.droop)
    assert (record["summary"], record["body"]) == ("Theirs.", "Mine.\n")
    assert (saved.merged, saved.version.number) == (True, 3)


def test_save_of_an_entry_deleted_meanwhile_says_so(world):
    entry, record = world.stroke, drafts.read(world.stroke)
    edited(world, "bell", related=[])
    publishing.delete(entry=world.stroke, by=world.publisher)
    with pytest.raises(InvalidRecord, match="has been deleted in the meantime"):
        publishing.save(record=record, entry=entry, by=world.author)


def test_publish_refuses_what_is_off_the_desk(world):
    version = world.newest("stroke")
    edited(world, "bell", related=[])
    publishing.delete(entry=world.stroke, by=world.publisher)
    refuses(world, [version], "it has been deleted")


def test_withdraw_refuses_a_source_that_a_live_text_cites(world):
    edited(world, "bell", treatments=[], related=[], codes=[], sources=[])
    publishing.publish(versions=[world.newest("bell")], by=world.publisher)
    with pytest.raises(publishing.Refused, match="the text of “Facial droop” cites it"):
        publishing.withdraw(pages=[world.page("service")], by=world.publisher, reason="x")


def test_published_tables_cannot_be_written_past_publishing(world):
    page = world.page("bell")
    page.live = None
    link = Link.objects.first()
    forbidden = (page.save, page.delete, link.delete, Link.objects.all().delete, Name.objects.all().delete)
    for write in forbidden:
        with pytest.raises(TypeError, match="Only publishing writes"):
            write()
    with pytest.raises(TypeError, match="Only publishing writes"):
        Page.objects.update(live=None)
    assert world.page("bell").live


def test_ids_of_deleted_entries_are_never_given_again(world):
    edited(world, "bell", related=[])
    gone = world.stroke.pk
    publishing.delete(entry=world.stroke, by=world.publisher)
    record = {"kind": "condition", "slug": "new", "name": "New"}
    assert publishing.save(record=record, entry=None, by=world.author).entry.pk > gone


def test_hidden_relations_stay_hidden_in_history_and_search(world, client):
    related = drafts.read(world.bell)["related"]
    saved = edited(world, "bell", summary="Changed.", related=[related[0] | {"note": "A secret draft."}])
    publishing.publish(versions=[saved.version], by=world.publisher)
    for path in ("", "history/", "history/2/"):
        assert "secret draft" not in client.get(f"/conditions/bells-palsy/{path}").content.decode()
    assert "Bell" not in client.get("/search/?q=secret+draft").content.decode().partition("<main")[2]


def test_publish_refuses_a_document_without_an_answer(world):
    record = {"kind": "question", "slug": "empty", "name": "Empty?", "answer": " "}
    empty = publishing.save(record=record, entry=None, by=SYSTEM)
    refuses(world, [empty.version], "Answer: write what the document says")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_save_does_not_wait_for_ever_for_another_that_hangs(transactional_db):
    world = build_world()
    settings = connection.settings_dict
    address = {name: settings[name.upper()] for name in ("user", "password", "host", "port")}
    with psycopg.connect(dbname=settings["NAME"], **{k: v for k, v in address.items() if v}) as other:
        other.execute("SELECT 1 FROM conditions_edition WHERE number = 0 FOR UPDATE")
        with pytest.raises(OperationalError, match="lock timeout"):
            edited(world, "droop", summary="New.")
    assert edited(world, "droop", summary="New.").is_new


def test_a_link_remembers_the_slug_it_was_stated_with(world, monkeypatch):
    stated = {(link.relation, link.target.slug): link.slug for link in Link.objects.filter(owner=world.page("bell"))}
    assert stated["evidence", "early-signs"] == "early-signs"
    edited(world, "service", slug="nhs")
    publishing.publish(versions=[world.newest("service")], by=world.publisher)
    link = Link.objects.get(owner=world.page("droop"), relation="sources")
    assert (link.slug, link.target.slug) == ("health-service", "nhs")
    # Whatever the order of references becomes, what was published before keeps its footnotes.
    monkeypatch.setattr(records, "references", lambda record: [])
    found = page_content.live_page(Kind.SYMPTOM, "facial-droop")
    assert [note.page.slug for note in found.prose["help_now"].notes] == ["nhs"]


def test_the_migration_gives_links_the_slugs_that_they_were_stated_with(world):
    migration = import_module("conditions.migrations.0003_link_slugs")
    for page in Page.objects.live().select_related("live"):
        slugs = list(migration.slugs_of(page.live.record))
        links = Link.objects.filter(owner=page)
        assert [link.slug for link in links] == [slugs[link.order] for link in links]


@pytest.mark.parametrize(("name", "slug"), [("Straße", "strasse"), ("½ face", "1-2-face"), ("Left side", "left-side")])
def test_a_tag_has_one_slug_whichever_way_it_is_made(world, name, slug):
    world.droop.tags.add(name)
    assert slug in world.droop.tags.slugs()
    assert publishing.tags_named([name], by=world.author) == [slug]
    assert Tag.objects.filter(slug=slug).count() == 1


def test_a_tag_without_letters_is_refused_by_the_manager_too(world):
    with pytest.raises(ValidationError, match="no letters or digits"):
        world.droop.tags.add("!!!")


@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_nobody_may_do_nothing(world, nobody):
    assert not publishing.may(nobody, "publish_version")
    with pytest.raises(publishing.NotAllowed):
        publishing.save(record=drafts.read(world.bell), entry=world.bell, by=nobody)
    with pytest.raises(publishing.NotAllowed):
        publishing.publish(versions=[world.newest("stroke")], by=nobody)


def test_new_pages_are_numbered_in_the_order_in_which_they_came(world):
    drafts_of = [
        publishing.Draft(
            records.canonical({"kind": "cause", "slug": slug, "name": "The flu"}), None, Version.Origin.FILE
        )
        for slug in ("flu-b", "flu-a", "flu-c")
    ]
    versions = publishing.create_versions(drafts_of, by=SYSTEM, at=timezone.now())
    pages = [version.page_id for version in versions]
    assert pages == sorted(pages)


def test_roles_are_granted_only_where_there_are_users_and_kinds(world):
    """As when the migrations of one other app are run alone."""
    before = {group.name: group.permissions.count() for group in Group.objects.all()}
    access.grant_roles(apps.get_app_config("conditions"), using="default", apps=ProjectState().apps)
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == before
    Group.objects.get(name="Author").permissions.clear()
    access.grant_roles(apps.get_app_config("conditions"), using="default")
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == before


@pytest.mark.parametrize(("slug", "name"), [("a--b", "A and b"), ("x", "???"), ("y", "–"), ("z", "…")])
def test_what_has_no_word_in_its_name_or_slug_is_published_changed_and_withdrawn(world, slug, name):
    """No empty word comes of it: under that search keeps how many pages there are."""
    tag = publishing.save(record={"kind": "tag", "slug": slug, "name": name, "group": "course"}, entry=None, by=SYSTEM)
    publishing.publish(versions=[tag.version], by=SYSTEM)
    publishing.publish(versions=[edited(world, "droop", tags=[slug]).version], by=SYSTEM)
    publishing.publish(versions=[edited(world, "droop", tags=[]).version], by=SYSTEM)
    changed = publishing.save(
        record=publishing.newest(tag.version.page).record | {"summary": "It is."},
        entry=Tag.objects.get(slug=slug),
        by=SYSTEM,
    )
    publishing.publish(versions=[changed.version], by=SYSTEM)
    publishing.withdraw(pages=[Page.objects.get(pk=tag.version.page_id)], by=SYSTEM, reason="No word.")
    assert not Posting.objects.filter(word="").exclude(block=0).exists()
