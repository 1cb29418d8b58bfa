"""Comments in content files survive write_fixtures, each with its row, field or item."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from conditions import drafts, publishing, records, validation
from conditions.content_files import comments, formats, parsing
from conditions.models import Condition, Symptom, desk
from conditions.publishing import SYSTEM

FILE = """# Checked in May.

- model: conditions.condition # the entry
  fields: # all of it
    slug: bells-palsy       # its address
    # the name that people use
    name: Bell’s palsy
    body: | # Markdown
      Text # not a comment
      # nor this
    # what it is marked with
    tags:
    # Ana asked for this one
    - one-side # left or right
    - sudden
    # end of the entry
# the first row
- model: conditions.conditionsymptom
  fields:
    condition: [bells-palsy]
    symptom: [earache] # not an earache of the ear
    note: 'yes'
    evidence:
    - early-signs # page 3
# the second row
# in two lines

- model: conditions.conditionsymptom # a droop
  fields:
    condition: [bells-palsy]
    # which one
    symptom: [droop]
    # end of the second row
# the end
"""


def record_of(text):
    found, wrong = formats.entries_of(parsing.parse(Path("x.yaml"), text.encode()), "x.yaml")
    assert not wrong
    return found[0].record


def unchanged(kind, slug):
    return slug


def carried(text, record, current=unchanged):
    """The text with the comments, and what was moved; written again it is the same, and it says the same."""
    new = formats.text_of(record)
    out = comments.carry([text], new, current)
    assert record_of(out.text) == record
    assert comments.carry([out.text], new, unchanged) == comments.Carried(out.text, ())
    return out.text, [str(one).strip() for one in out.moved]


def test_a_canonical_file_with_comments_stays_byte_for_byte():
    assert carried(FILE, record_of(FILE)) == (FILE, [])


def test_a_file_without_comments_is_as_it_is_written():
    new = formats.text_of(record_of(FILE))
    assert comments.carry(["- model: conditions.tag\n  fields: {slug: '#1'}\n"], new, unchanged).text == new


def test_comments_go_with_rows_that_change_places():
    record = record_of(FILE)
    record["symptoms"].reverse()
    text, moved = carried(FILE, record)
    assert moved == []
    first, second = text.index("symptom: [droop]"), text.index("symptom: [earache]")
    assert first < second
    assert text.index("# the second row\n# in two lines\n\n- model") < text.index("# a droop") < first
    assert first < text.index("# end of the second row") < text.index("# the first row\n- model") < second
    assert text.endswith("# the end\n")


def test_comments_of_a_row_that_is_gone_move_to_the_end():
    record = record_of(FILE)
    del record["symptoms"][0]
    text, moved = carried(FILE, record)
    assert moved == ["# the first row", "# not an earache of the ear", "# page 3"]
    assert text.endswith("# the end\n# the first row\n# not an earache of the ear\n# page 3\n")
    assert text.index("# end of the entry\n# the second row\n# in two lines\n\n- model") > 0


def test_comments_of_a_field_or_an_item_that_is_gone_move_to_the_end():
    record = record_of(FILE) | {"body": "", "tags": ["sudden"]}
    text, moved = carried(FILE, record)
    assert moved == ["# Markdown", "# Ana asked for this one", "# left or right"]
    assert text.endswith("# the end\n# Markdown\n# Ana asked for this one\n# left or right\n")
    assert "    # what it is marked with\n    tags:\n    - sudden\n    # end of the entry\n" in text


def test_comments_stay_with_fields_that_change():
    record = record_of(FILE) | {"name": "Other # name", "body": "Other.  \n\nText \x07-less #1\n", "summary": "New."}
    record = records.canonical(record | {"body": "Other.\n\n# heading\n"})
    text, moved = carried(FILE, record)
    assert moved == []
    assert (
        "    # the name that people use\n    name: 'Other # name'\n    summary: New.\n    body: | # Markdown\n" in text
    )


def test_comments_go_with_what_is_renamed():
    new = {"earache": "ear-pain", "early-signs": "first-signs", "one-side": "left-or-right"}
    record = record_of(FILE)
    record["symptoms"][0] |= {"target": "ear-pain", "evidence": ["first-signs"]}
    record["tags"] = ["left-or-right", "sudden"]
    text, moved = carried(FILE, record, lambda kind, slug: new.get(slug, slug))
    assert moved == []
    assert "    # Ana asked for this one\n    - left-or-right # left or right\n" in text
    assert "symptom: [ear-pain] # not an earache of the ear\n" in text
    assert "- first-signs # page 3\n# the second row\n" in text


TAG = "- model: conditions.tag\n  fields:\n    slug: x\n    name: X\n    group: course\n"
CAUSE = "- model: conditions.cause\n  fields:\n    slug: x\n    name: X\n"
STYLES = {
    "flow": (
        "- model: conditions.tag\n  fields: {slug: sudden, # why\n    name: Sudden, group: course} # end\n# last",
        "    slug: sudden # why\n    name: Sudden\n    group: course\n# last\n",
    ),
    "flow list": (
        CAUSE + "    tags: [b, # about b\n      # before a\n      a] # all\n",
        "    tags: # all\n    # before a\n    - a\n    - b # about b\n",
    ),
    "hyphen alone": (TAG.replace("- ", "- # what it is\n  "), "# what it is\n- model: conditions.tag\n"),
    "hyphen far away": (TAG.replace("- ", "-   # what it is\n  "), "# what it is\n- model: conditions.tag\n"),
    "far in": (
        TAG.replace("    ", "        ").replace("    name", "    # its name\n        name") + "      # done\n",
        "    # its name\n    name: X\n    group: course\n    # done\n",
    ),
    "lists far in": (
        CAUSE + "    tags:\n      - a\n      # the end of the list\n    evidence:\n      - q\n",
        "    - a\n    # the end of the list\n    evidence:\n",
    ),
    "windows": (
        f"# head\n{TAG}# end\n".replace("tag\n", "tag # x\n").replace("\n", "\r\n"),
        "# head\n- model: conditions.tag # x\n",
    ),
    "two markers": (f"%YAML 1.1\n# a\n---\n# b\n{TAG}...\n# c\n", "# a\n# b\n- model: conditions.tag\n"),
    "at the margin": (TAG.replace("    name", "#   name: Y\n    name"), "    slug: x\n#   name: Y\n    name: X\n"),
    "alias": (
        CAUSE.replace("X", "&n X # the name") + "    summary: *n # the same\n",
        "    name: X # the name\n    summary: X # the same\n",
    ),
    "tab": (TAG.replace("name: X", 'name: "X"\t# name\t'), "    name: X\t# name\t\n"),
    "folded": (CAUSE + "    summary: >- # folded\n      One\n      two\n", "    summary: One two # folded\n"),
}


@pytest.mark.parametrize("style", STYLES)
def test_comments_survive_in_every_style_of_yaml(style):
    text, wanted = STYLES[style]
    written, moved = carried(text, record_of(f"{text}\n"))
    assert wanted in written
    assert moved == []


def test_comments_of_two_files_of_one_entry_come_together():
    record = record_of(FILE)
    other = formats.text_of(record).replace("    name:", "    # another\n    name:")
    out = comments.carry([FILE, other, FILE], formats.text_of(record), unchanged)
    assert out.text == FILE.replace("    name:", "    # another\n    name:")


# Laws


def test_no_comment_is_lost_and_what_is_said_stays_the_same():
    hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is in requirements-dev.txt")
    st = hypothesis.strategies
    slugs = st.sampled_from(["a", "b", "c", "d"])
    words = st.text(st.sampled_from("ab #:-'\"|>&*!%@`\n[]{},?é\u2028’"), max_size=12)
    several = st.lists(slugs, max_size=3)
    row = st.fixed_dictionaries({"note": words, "tags": several, "evidence": several, "sources": several})
    rows = st.dictionaries(slugs, row, max_size=2).map(
        lambda found: [{"target": target, **values} for target, values in found.items()]
    )
    fields = {"name": words, "summary": words, "body": words, "codes": st.lists(words, max_size=2), "tags": several}
    record = st.fixed_dictionaries(fields | {"symptoms": rows, "causes": rows}).map(
        lambda values: records.canonical({"kind": "condition", "slug": "x", **values} | {"name": f"n{values['name']}"})
    )
    inserted = st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 6), st.booleans(), st.sampled_from(["", "\n", "\n\n"])),
        max_size=6,
    )

    @hypothesis.given(record, record, inserted)
    @hypothesis.settings(deadline=None)
    def law(old, new, places):
        hypothesis.assume(not validation.problems(old) and not validation.problems(new))
        text, put = with_comments(formats.text_of(old), places)
        said = [str(one).strip() for one in comments.comments_of(text, unchanged)]
        assert sorted(" ".join(said).split()) == sorted(put)
        written, moved = carried(text, new)
        assert all(written.count(word) == 1 for word in put)
        assert (moved == []) or old != new
        again, _ = carried(written, old)
        assert all(again.count(word) == 1 for word in put)

    law()


def with_comments(text, places):
    """A text with comments put in wherever that changes nothing of what it says, and their words."""
    said, put = record_of(text), []
    for number, (line, column, beside, blank) in enumerate(places):
        lines = text.split("\n")
        at, word = line % len(lines), f"#{number}."
        if beside:
            lines[at] += f" {word}"
        else:
            lines.insert(at, f"{' ' * column}{word}{blank}")
        tried = "\n".join(lines)
        try:
            is_comment = record_of(tried) == said
        except (AssertionError, parsing.Unreadable):
            continue
        if is_comment:
            text = tried
            put.append(word)
    return text, put


# By the commands


def edit(kind, at, **changes):
    entry = desk.entries(kind).get(slug=at)
    return publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)


@pytest.mark.django_db
def test_write_fixtures_keeps_comments_of_a_renamed_entry_and_names_those_that_move(folder):
    folder.change("symptoms/earache", "    tags:", "    # how it comes\n    tags: # marked")
    folder.change("symptoms/earache", "- model", "# Checked in May.\n- model")
    folder.change("conditions/bells-palsy", "symptom: [earache]", "symptom: [earache] # only at first")
    folder.write_back(check=True)
    assert "No new edition." in folder.load()
    edit("symptom", "earache", slug="ear-pain", tags=[])
    said = folder.write_back()
    assert (
        "ear-pain.yaml: written; in the place of fixtures/symptoms/earache.yaml; the comment “# how it comes” goes"
        in said
    )
    assert "the comment “# marked” goes to its end, because what it was about is gone" in said
    text = folder.path("symptoms/ear-pain").read_text("utf-8")
    assert text.startswith("# Checked in May.\n- model")
    assert text.endswith("# how it comes\n# marked\n")
    assert "symptom: [ear-pain] # only at first\n" in folder.path("conditions/bells-palsy").read_text("utf-8")
    assert "No new edition." in folder.load()
    assert "0 files written." in folder.write_back()
    folder.write_back(check=True)


@pytest.mark.django_db
def test_a_comment_alone_is_no_difference(folder):
    folder.change("symptoms/earache", "    name: Earache\n", "    name: Earache # or pain\n")
    before = folder.path("symptoms/earache").read_bytes()
    folder.write_back(check=True)
    assert "0 files written." in folder.write_back()
    assert folder.path("symptoms/earache").read_bytes() == before


@pytest.mark.django_db
def test_comments_do_not_hide_changes_that_were_not_loaded(folder):
    edit("symptom", "earache", summary="An editor’s words.")
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in one ear. # which?")
    with pytest.raises(CommandError, match="has changes that have not been loaded"):
        folder.write_back()
    folder.load()
    folder.write_back()
    assert "summary: An editor’s words. # which?\n" in folder.path("symptoms/earache").read_text("utf-8")
    assert Symptom.objects.get().summary == "An editor’s words."
    assert Condition.objects.count() == 1
