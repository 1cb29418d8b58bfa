"""Places that two editors changed: both texts side by side, each to be put into the field by a button.

The form carries its clashes along, in hidden fields, until it is saved: neither text is gone once a button was pressed.
Texts are as their controls send them: any number of values to a name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict

from conditions.admin import autocomplete
from conditions.admin.relation_forms import RowForm, RowFormSet
from conditions.admin.widgets import EntrySelect
from conditions.differences import Difference, Piece
from conditions.merge import Path, Value

NAME = "clash"
"""The hidden fields of a form in which its clashes are."""
TAKE = "_take"
"""The button that puts a text into its field; its value is the place of the clash, and that of the text in it."""
MOST = 200

Formsets = Mapping[str, RowFormSet]
Sent = list[str]


@dataclass(frozen=True)
class Column:
    """One of the texts: whose it is, what it says with what differs marked, and what takes it."""

    title: str
    button: str
    value: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Clash:
    """A place that two editors changed. who: whose the first text is, in words; the others were typed here."""

    path: Path
    who: str
    texts: tuple[Sent, ...]
    label: str = ""
    anchor: str = ""
    columns: tuple[Column, ...] = ()

    @property
    def packed(self) -> str:
        """All of it, for a hidden field."""
        return json.dumps([self.path, self.who, self.texts], ensure_ascii=False)


def carried_by(data: QueryDict) -> list[Clash]:
    """The clashes that a form carries; what is malformed is left out."""
    found = []
    for one in data.getlist(NAME)[:MOST]:
        try:
            path, who, texts = json.loads(one)
            lists = [path, *texts]
        except (ValueError, TypeError, RecursionError):
            continue
        words = [word for some in lists if isinstance(some, list) for word in some]
        if path and texts and all(isinstance(some, list) for some in lists) and _are_texts([who, *words]):
            found.append(Clash(tuple(path), who, tuple(texts)))
    return found


def _are_texts(found: Sequence[object]) -> bool:
    return all(isinstance(one, str) and not re.search("[\ud800-\udfff]", one) for one in found)


def box_at(path: Path, form: forms.Form, formsets: Formsets) -> forms.BoundField | None:
    """The control of a place; of a whole row, the one that takes it out. None where there is none."""
    name, *rest = path
    if name not in formsets:
        return form[name] if name in form.fields and not rest else None
    rows = [row for row in formsets[name].forms if rest and row["target"].value() == rest[0]]
    of_row = rest[1] if len(rest) > 1 else "DELETE"
    return rows[-1][of_row] if rows and of_row in rows[-1].fields else None


def _sent(box: forms.BoundField, value: Value) -> Sent:
    """A value of a record, as the control would send it."""
    if isinstance(box.field, forms.BooleanField):
        return ["on"] if value else []
    if isinstance(value, list):
        return list(value) if isinstance(box.field.widget, EntrySelect) else ["\n".join(value)]
    return [str(value or "")]


def _is_same(one: Sent, other: Sent) -> bool:
    """Whether two texts say the same; a browser sends line ends of its own."""
    return [text.replace("\r\n", "\n") for text in one] == [text.replace("\r\n", "\n") for text in other]


def met(data: QueryDict, box: forms.BoundField, path: Path, theirs: Value, who: str, before: Sequence[Clash]) -> Clash:
    """A clash with what somebody else saved at a place. before: those that the form carried already.

    theirs: None where they took the row out.
    """
    here = data.getlist(box.html_name)
    typed = [text for one in before if one.path == path for text in one.texts[1:]]
    typed += [] if any(_is_same(here, text) for text in typed) else [here]
    said = ["on"] if len(path) == 2 and theirs is None else _sent(box, theirs)
    return Clash(path, who, (said, *typed))


def take(data: QueryDict, form: forms.Form, formsets: Formsets) -> list[Clash]:
    """The clashes that a form carries, after the button that was pressed, if one was, has put a text into its field.

    What stood there and is none of the texts becomes one of them.
    """
    found = carried_by(data)
    number, _, text = data.get(TAKE, "").partition("-")
    if not (number.isascii() and number.isdecimal() and text.isascii() and text.isdecimal()):
        return found
    at, wanted = int(number[:4]), int(text[:4])
    box = box_at(found[at].path, form, formsets) if at < len(found) else None
    if box is None or wanted >= len(found[at].texts):
        return found
    here, clash = data.getlist(box.html_name), found[at]
    if not any(_is_same(here, one) for one in clash.texts):
        found[at] = replace(clash, texts=(*clash.texts, here))
    data.setlist(box.html_name, clash.texts[wanted])
    if not clash.texts[wanted]:
        del data[box.html_name]
    if isinstance(box.field.widget, EntrySelect):
        data[f"{box.html_name}-more"] = ""
    return found


def place(found: Sequence[Clash], form: forms.Form, formsets: Formsets) -> list[Clash]:
    """The clashes ready to be shown, each at the control of its place too."""
    shown = []
    for number, clash in enumerate(found):
        box = box_at(clash.path, form, formsets)
        if box is None:
            shown.append(clash)
            continue
        ready = replace(
            clash,
            label=_label(box, formsets.get(clash.path[0])),
            anchor=box.auto_id,
            columns=_columns(number, clash, box),
        )
        box.field.clash = ready  # type: ignore[attr-defined]
        shown.append(ready)
    return shown


def _label(box: forms.BoundField, rows: RowFormSet | None) -> str:
    """What the place is called. rows: those of the relation that it is in, None for a field of the entry."""
    if not isinstance(box.form, RowForm) or rows is None:
        return str(box.label)
    row = f"{rows.title}, {box.form.named}"
    return row if box.name == "DELETE" else f"{row}: {box.label}"


def _columns(number: int, clash: Clash, box: forms.BoundField) -> tuple[Column, ...]:
    theirs, *typed = (_words(box, text) for text in clash.texts)
    against = [_apart(Difference((), "", was=words, now=theirs).pieces) for words in typed]
    first = against[0] if against else [Piece("", theirs)]
    columns = [Column(clash.who, "Use theirs", f"{number}-0", [one for one in first if one.how != "del"])]
    for place, pieces in enumerate(against, 1):
        title, button = ("Yours", "Keep mine") if place == 1 else ("Yours, edited", "Keep mine, edited")
        columns.append(Column(title, button, f"{number}-{place}", [one for one in pieces if one.how != "ins"]))
    return tuple(columns)


def _apart(pieces: list[Piece]) -> list[Piece]:
    """Pieces without the space that keeps what was taken out from what was put in, which stand in columns here."""
    around = zip(["", *(one.how for one in pieces)], pieces, [*(one.how for one in pieces[1:]), ""], strict=False)
    return [one for before, one, after in around if (before, one.text, after) != ("del", " ", "ins")]


def _words(box: forms.BoundField, text: Sent) -> str:
    """What a control says, for people; a line for each of several values."""
    field = box.field
    if isinstance(field, forms.BooleanField):
        yes, no = ("Taken out", "Kept") if box.name == "DELETE" else ("Yes", "No")
        return yes if text else no
    if isinstance(field.widget, EntrySelect):
        names = autocomplete.names_of(field.widget.of, set(text))
        return "\n".join(names.get(one, one) for one in text)
    choices: dict[Any, Any] = dict(field.widget.choices) if isinstance(field.widget, forms.Select) else {}
    return "\n".join(str(choices.get(one, one)).replace("\r\n", "\n") for one in text)
