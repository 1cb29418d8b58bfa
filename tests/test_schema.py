"""The one description of entries, the tables of the desk, and all that is derived from them, hold together."""

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.template.loader import render_to_string

from conditions import drafts, history, merge, page_content, page_parts, publishing, records
from conditions.admin import entry_form
from conditions.admin.entry_form import EntryForm
from conditions.admin.relation_forms import formset_of
from conditions.admin.site import site
from conditions.differences import differences
from conditions.models import desk
from conditions.models.published import Link, Page, Version
from conditions.schema import (
    EVIDENCE,
    FIELDS,
    NAMING,
    PAGE_ORDER,
    REFERENCES,
    RELATION_NAMES,
    ROW_REFERENCES,
    SCHEMAS,
    SOURCES,
    TAGS,
    Choice,
    Field,
    FieldType,
    Heading,
    Kind,
)
from conditions.search.weights import indexed
from tests.world import QUESTIONS, RECORDS

COLUMNS = {
    FieldType.LINE: models.CharField,
    FieldType.SENTENCES: models.TextField,
    FieldType.STATEMENT: models.TextField,
    FieldType.MARKDOWN: models.TextField,
    FieldType.VERBATIM: models.TextField,
    FieldType.LINES: models.JSONField,
    FieldType.CODES: models.JSONField,
    FieldType.QUOTES: models.JSONField,
    FieldType.PASSAGES: models.JSONField,
    FieldType.FLAG: models.BooleanField,
    FieldType.DATE: models.DateField,
    FieldType.URL: models.URLField,
    FieldType.CHOICE: models.CharField,
}
OWN_COLUMNS = {"id", "page", "slug"}
ROW_COLUMNS = {"id", "order"}


def column_problems(model: type[models.Model], field: Field) -> list[str]:
    """What is not so about the column of a field."""
    place = f"{model.__name__}.{field.name}"
    try:
        column = model._meta.get_field(field.name)
    except models.FieldDoesNotExist:
        return [f"{place}: is in the schema and not in models/desk.py"]
    found = [] if type(column) is COLUMNS[field.type] else [f"{place}: is no {COLUMNS[field.type].__name__}"]
    if field.type in (FieldType.LINE, FieldType.URL) and column.max_length != field.type.longest:
        found.append(f"{place}: holds {column.max_length} characters, not {field.type.longest}")
    if field.type is FieldType.CHOICE:
        choices = [(choice.value, choice.label) for choice in field.choices]
        found += [f"{place}: has other choices"] if list(column.choices) != choices else []
        found += [f"{place}: is too short"] if max(len(value) for value, _ in choices) > column.max_length else []
    if field.type is not FieldType.FLAG and column.blank == field.required:
        found.append(f"{place}: blank must be {not field.required}")
    return found


def test_the_desk_has_the_columns_of_the_schema_and_no_others():
    problems = []
    for kind, schema in SCHEMAS.items():
        tables = [(desk.MODELS[kind], schema.fields, OWN_COLUMNS)]
        for table in desk.row_tables(kind):
            tables.append((table.model, table.relation.fields, ROW_COLUMNS | {table.owner, table.target}))
        for model, fields, own in tables:
            problems += [problem for field in fields for problem in column_problems(model, field)]
            extra = {column.name for column in model._meta.concrete_fields} - {field.name for field in fields} - own
            problems += [f"{model.__name__}.{name}: is in models/desk.py and not in the schema" for name in extra]
    assert not problems


def test_every_table_of_rows_is_that_of_a_relation():
    named = {table.model for kind in Kind for table in desk.row_tables(kind)}
    assert set(desk._concrete(desk.RelationRow)) == named, "a table of rows that no schema names would never be read"


def test_what_the_desk_can_hold_of_references_is_all_that_there_are():
    stored = {TAGS, EVIDENCE, SOURCES, *NAMING}
    assert set(REFERENCES.values()) == stored, "drafts.py has no table for another; add one there first"
    assert {field for schema in SCHEMAS.values() for field in schema.references} <= stored


def test_rows_say_what_links_can_carry():
    columns = {column.name for column in Link._meta.concrete_fields}
    for schema in SCHEMAS.values():
        for relation in schema.relations:
            for field in relation.fields:
                assert field.name in columns, f"{relation.name}, {field.name}: Link has no column for it"
                assert field.name in page_parts.OutLink.__dataclass_fields__


def test_migrations_are_made_for_what_the_desk_has():
    loader = MigrationLoader(None)
    state = ProjectState.from_apps(apps)
    found = MigrationAutodetector(loader.project_state(), state).changes(graph=loader.graph)
    assert "conditions" not in found, "run `manage.py makemigrations conditions`"


def test_every_kind_has_its_admin_and_an_entry_in_the_world():
    for kind in Kind:
        assert site.is_registered(desk.MODELS[kind]), f"admin/entry_admin.py has no class for a {kind}"
    assert {record["kind"] for record in (RECORDS | QUESTIONS).values()} == set(Kind), "tests/world.py has one of each"


def test_names_are_of_one_thing():
    references = set(REFERENCES)
    for schema in SCHEMAS.values():
        fields = {field.name for field in schema.fields}
        relations = {relation.name for relation in schema.relations}
        assert not fields & (references | relations)
        assert not relations & references


def test_rows_lead_to_what_the_schema_says():
    for kind in Kind:
        for table in desk.row_tables(kind):
            assert table.model._meta.get_field(table.target).related_model is desk.MODELS[table.relation.target]


def test_a_name_has_one_type_whatever_the_kind():
    for schema in SCHEMAS.values():
        for fields in (schema.fields, *(relation.fields for relation in schema.relations)):
            for field in fields:
                assert field.type is FIELDS[field.name].type, field.name


def test_names_of_relations_fit_their_column_and_have_a_place_on_pages():
    longest = Link._meta.get_field("relation").max_length
    assert all(len(name) <= longest for name in RELATION_NAMES)
    citing = {field.name for schema in SCHEMAS.values() for field in schema.fields if field.cites}
    assert set(PAGE_ORDER) == RELATION_NAMES | citing


def text_for(field: Field) -> str | bool | list[str]:
    """What a field can hold, with a word in it that nothing else has."""
    if field.type is FieldType.FLAG:
        return True
    if field.type is FieldType.CHOICE:
        return field.choices[-1].value
    values = {
        FieldType.DATE: "1987-06-05",
        FieldType.URL: "https://zygomatic.example/",
        FieldType.CODES: ["ZZ zygomatic1.2"],
        FieldType.QUOTES: ['[@x "zygomatic"]'],
    }
    return values.get(field.type, ["zygomatic"] if field.is_list else "zygomatic")


def filled(kind: Kind, field: Field) -> records.Record:
    """A record that says something in one field alone."""
    texts = {"kind": kind.value, "slug": "x", "name": "Plain", field.name: text_for(field)}
    return records.canonical(texts)


ALL_FIELDS = [(kind, field) for kind, schema in SCHEMAS.items() for field in schema.fields]


def page_text(kind: Kind, record: records.Record, **relations: list[page_parts.OutLink]) -> str:
    """The page of a record as readers would see it."""
    page = Page(pk=1, kind=kind, slug="x", name=record["name"], summary=record.get("summary", ""))
    links = [link for some in relations.values() for link in some]
    content = page_content.build(page, Version(page=page, number=1, record=record, format=records.FORMAT), links)
    context = {"content": content, "edition": None, "section": "", "is_unpublished": True}
    return render_to_string(f"pages/{kind.value}.html", context)


@pytest.mark.django_db
def test_every_field_has_a_place_on_its_page():
    missing = []
    for kind, field in ALL_FIELDS:
        marker = {FieldType.DATE: "5 June 1987"}.get(field.type, "zygomatic")
        if (
            field.type not in (FieldType.CHOICE, FieldType.FLAG)
            and (marker in page_text(kind, filled(kind, field))) == field.hidden
        ):
            missing.append(f"{kind}.{field.name}: pages/{kind}.html does not show it, or shows what is hidden")
    assert not missing


@pytest.mark.django_db
def test_every_relation_has_a_place_on_its_page_and_on_that_of_its_target():
    for kind, schema in SCHEMAS.items():
        for relation in schema.relations:
            target = Page(pk=2, kind=relation.target, slug="target", name="Zygomatic")
            link = page_parts.OutLink(1, None, relation.name, "target", target, "", "", False, "", [])
            record = records.canonical({"kind": kind.value, "slug": "x", "name": "Plain"})
            text = page_text(kind, record, **{relation.name: [link]})
            assert f'id="{relation.name}"' in text, f"pages/{kind}.html does not show {relation.name}"
            assert f'href="#{relation.name}"' in text, f"pages/{kind}.html does not list {relation.name}"
            owner = Page(pk=3, kind=kind, slug="owner", name="Masseter")
            back = Link(pk=1, owner=owner, relation=relation.name, role=next(iter(relation.roles), ""))
            there = records.canonical({"kind": relation.target.value, "slug": "target", "name": "Target"})
            version = Version(page=target, number=1, record=there, format=records.FORMAT)
            content = page_content.build(target, version, [], [back])
            shown = [section.rows for section in (*content.backlinks, *content.relations.values())]
            assert [row.page for rows in shown for row in rows] == [owner]
            assert relation.backlinks or all(choice.inverse for choice in relation.roles.values())


def test_every_field_is_on_the_form_under_a_heading():
    for kind, schema in SCHEMAS.items():
        shown = {field.name for _, fields in EntryForm(kind, None).groups() for field in fields}
        retired = {field.name for field in schema.fields if field.retired}
        assert shown == {"slug", *(part.name for part in schema.parts)} - retired
        older = EntryForm(kind, None, initial=dict.fromkeys(retired, "Older."))
        assert {field.name for _, fields in older.groups() for field in fields} == shown | retired
        for table in desk.row_tables(kind):
            row = formset_of(table, None).empty_form
            assert set(row.fields) >= {"target", *(part.name for part in table.relation.parts)}


def test_every_field_says_in_a_history_what_changed():
    for kind, field in ALL_FIELDS:
        before, after = records.canonical({"kind": kind.value, "slug": "x", "name": "Plain"}), filled(kind, field)
        found = differences(before, after, {})
        assert [one.label for one in found] == [field.label], f"{kind}.{field.name}"
    for kind, schema in SCHEMAS.items():
        for relation in schema.relations:
            for field in relation.fields:
                row = {"target": "y", field.name: text_for(field)}
                before, after = (
                    records.canonical({"kind": kind, "slug": "x", "name": "x", relation.name: rows})
                    for rows in ([{"target": "y"}], [row])
                )
                assert f"{field.label}: " in differences(before, after, {})[0].now


def test_what_is_prose_is_merged_by_sentences():
    for name, field in FIELDS.items():
        base, ours, theirs = "One. Two.", "One here. Two.", "One. Two there."
        merged = merge.merge({name: base}, {name: ours}, {name: theirs})
        assert bool(merged.conflicts) != field.is_prose, name


def test_what_is_searched_is_found():
    for kind, field in ALL_FIELDS:
        found = any("zygomat" in word for word in indexed(filled(kind, field)).weights)
        assert found == field.searched, f"{kind}.{field.name}"


def test_a_history_hides_what_readers_cannot_see(monkeypatch):
    monkeypatch.setattr(history, "live_targets", lambda references: {})
    for kind, field in ALL_FIELDS:
        if field.hidden:
            [seen], _ = history.without_hidden([filled(kind, field)])
            assert "zygomatic" not in repr(seen), f"{kind}.{field.name}"
        if field.cites:
            said = ["ZZ 1.2 [@secret]"] if field.is_list else "It is. [@secret]\n"
            record = records.canonical({"kind": kind.value, "slug": "x", "name": "x", field.name: said})
            [seen], _ = history.without_hidden([record])
            assert "secret" not in repr(seen), f"{kind}.{field.name}"


@pytest.mark.django_db
def test_the_roles_may_do_what_they_may_with_every_kind(django_user_model):
    from django.contrib.auth.models import Group

    for role, (verbs, _) in publishing.access.ROLES.items():
        user = django_user_model.objects.create_user(role)
        user.groups.add(Group.objects.get(name=role))
        for kind in Kind:
            for verb in ("view", "add", "change", "delete"):
                assert publishing.may(user, f"{verb}_{kind.value}") == (verb in verbs), (role, verb, kind)


@pytest.mark.django_db
def test_every_part_of_a_record_is_kept_on_the_desk(world):
    """What is written to the desk and read again says the same, in every field, reference and row of every kind."""
    slugs = {kind: desk.entries(kind).values_list("slug", flat=True)[0] for kind in Kind}
    for kind, schema in SCHEMAS.items():
        named = {part.name: [part.value(part.kinds[0], slugs[part.kinds[0]])] for part in schema.references}
        record = {
            "kind": kind.value,
            "slug": "new",
            **{field.name: text_for(field) for field in schema.fields},
            **named,
        }
        for relation in schema.relations:
            row = {field.name: text_for(field) for field in relation.fields}
            row |= {part.name: [slugs[part.kinds[0]]] for part in ROW_REFERENCES}
            record[relation.name] = [row | {"target": slugs[relation.target]}]
        written = records.canonical(record)
        assert drafts.read(drafts.write(None, written)) == written, kind


def test_a_form_sends_nothing_that_nobody_chose():
    optional = Field("outlook", FieldType.CHOICE, "Outlook", Heading.BODY, choices=(Choice("mild", "Mild"),))
    assert entry_form._choices_for(optional)[0] == ("", "")


def test_what_entries_no_longer_have_is_shown_in_histories_without_what_it_names(monkeypatch):
    monkeypatch.setattr(history, "live_targets", lambda references: {})
    record = records.canonical({"kind": "tag", "slug": "x", "name": "x", "group": "topic"})
    old = record | {"past": "It was. [@secret]", "rows": [{"target": "secret", "note": "Hidden."}]}
    [seen], names = history.without_hidden([old])
    assert "secret" not in repr(seen)
    assert [one.label for one in differences(record, seen, names)] == ["Past"]
    assert differences(record, old, names)[1].now == "secret", "editors are shown what there was"
    assert records.upgrade(old, records.FORMAT) == record


def test_a_record_from_before_a_field_was_added_is_brought_forward():
    old = records.canonical({"kind": "condition", "slug": "x", "name": "x"})
    del old["help_now"]
    assert records.upgrade(old, records.FORMAT)["help_now"] == ""


def test_headings_are_in_the_order_of_pages():
    assert [field.heading for field in SCHEMAS[Kind.CONDITION].by_heading] == sorted(
        (field.heading for field in SCHEMAS[Kind.CONDITION].fields), key=list(Heading).index
    )
