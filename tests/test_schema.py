"""Every field, relation and kind is known wherever records are typed, shown, merged, searched and hidden."""

import pytest
from django.template.loader import get_template

from conditions import history, merge, page_content, records, search
from conditions.admin.entry_form import GROUPS
from conditions.models.published import ROW_RELATIONS, TARGET_KINDS, Kind, Link
from conditions.records import SHAPES, Text

FIELDS = [(kind, field) for kind, shape in SHAPES.items() for field in shape.fields]
RELATIONS = [(kind, rows) for kind, shape in SHAPES.items() for rows in shape.rows]
NOT_SEARCHED = {"codes", "group", "url", "published", "accessed", "licence"}


def record(kind: Kind, **values: object) -> records.Record:
    return records.canonical({"kind": kind.value, "slug": "x", "name": "x", **values})


def test_every_field_is_known_everywhere():
    missing = []
    for kind, field in FIELDS:
        words = ["zygomatic"] if field.text is Text.SET else "zygomatic"
        cites = field.text is Text.PROSE or field.name == "codes"
        hidden = ["ICD-10-CM G51.0 [@secret]"] if field.text is Text.SET else "It is. [@secret]"
        seen = history._without_hidden(record(kind, **{field.name: hidden}), set())[field.name] if cites else ""
        known = {
            "a label": field.name in page_content.LABELS,
            "a place on the form": any(field.name in names for _, names in GROUPS),
            "merging by sentences": field.text is not Text.PROSE or field.name in merge.PROSE,
            "search": field.name in NOT_SEARCHED or "zygomatic" in search.words_of(record(kind, **{field.name: words})),
            "hiding what it cites": "secret" not in repr(seen),
        }
        missing += [f"{kind}.{field.name}: {what}" for what, is_known in known.items() if not is_known]
    assert not missing


def test_every_relation_is_known_everywhere():
    for kind, rows in RELATIONS:
        assert rows.relation in ROW_RELATIONS
        assert rows.relation in TARGET_KINDS
        assert rows.relation in Link.Relation.values
        assert rows.relation in page_content.LABELS
        assert rows.relation in page_content.Reading.__dataclass_fields__
        assert rows.relation == "related" or (rows.relation, kind) in page_content._TITLES


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_page(kind):
    assert get_template(f"pages/{kind.value}.html")
