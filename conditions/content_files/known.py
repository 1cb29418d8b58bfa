"""Which entries of a changed file are as they were at its last load, and need be neither checked nor compared again.

Those that the file says in the very same objects, that stood on the drafts as it said them, that name nothing which has
moved since or is being read now, and that nothing names which is. Where that is in doubt, they are read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain

from conditions import characters, db, records
from conditions.content_files.formats import LABELS, ROW_LABELS, FileEntry
from conditions.content_files.parsing import Objects
from conditions.models.published import Address, LoadedFile, Page, Version
from conditions.schema import Kind

SIZE = 16
"""Bytes of a digest."""
MOST = 50
"""Slugs that have moved, at most: all texts are searched for each of them. Of more, everything is read."""

Place = tuple[Kind, str]
_encoded = json.JSONEncoder(ensure_ascii=False).encode


@dataclass
class Said:
    """What a file says of one entry: its objects (counted from 1), all in one text, and the digest of that.

    digest: empty where the text holds what nobody can see: it may name things by slugs that are not found in it.
    """

    numbers: list[int] = field(default_factory=list)
    text: str = ""
    digest: bytes = b""


def said_by(objects: Objects) -> dict[Place, Said]:
    """What the objects of a file say of each entry, its rows included. Objects of no entry are left out.

    What cannot be written as text, YAML that holds itself by an alias, has none: what is wrong is said on reading it.
    """
    out: dict[Place, Said] = {}
    texts: dict[Place, list[str]] = {}
    misshapen: set[Place] = set()
    for number, thing in enumerate(objects, 1):
        if place := _owner(thing):
            out.setdefault(place, Said()).numbers.append(number)
            try:
                texts.setdefault(place, []).append(_encoded(thing))
            except ValueError:
                misshapen.add(place)
    for place, said in out.items():
        said.text = "" if place in misshapen else "\n".join(texts[place])
        if said.text and characters.without_unseen(said.text) == said.text:
            data = f"{records.FORMAT}:{said.text}".encode("utf-8", "surrogatepass")
            said.digest = hashlib.blake2b(data, digest_size=SIZE).digest()
    return out


def _owner(thing: object) -> Place | None:
    """The entry that an object is, or is a row of; None where it is misshapen."""
    model, fields = (thing.get("model"), thing.get("fields")) if isinstance(thing, dict) else (None, None)
    if not isinstance(model, str) or not isinstance(fields, dict):
        return None
    if kind := LABELS.get(model):
        slug = fields.get("slug")
    elif model in ROW_LABELS:
        kind, table = ROW_LABELS[model]
        key = fields.get(table.owner)
        slug = key[0] if isinstance(key, list) and len(key) == 1 else None
    return (kind, slug) if kind and isinstance(slug, str) else None


class Known:
    """The entries of changed files that are passed over, as long as nothing speaks against it.

    files: what they say of those, by name. oldest: the newest version when the first of them was compared.
    """

    def __init__(self) -> None:
        self.files: dict[str, dict[Place, Said]] = {}
        self.oldest = 0

    def pass_over(self, name: str, said: dict[Place, Said]) -> set[int]:
        """Pass over what a file said at its last load already: the numbers of those objects."""
        if len(said) < 2:  # a file of one entry would not be read if that had not changed
            return set()
        loaded = LoadedFile.objects.filter(path=name).exclude(digest="").values_list("entries", "compared").first()
        if not loaded:
            return set()
        data, compared = bytes(loaded[0]), loaded[1]
        digests = {data[start : start + SIZE] for start in range(0, len(data), SIZE)}
        if found := {place: one for place, one in said.items() if one.digest in digests}:
            self.oldest = min(self.oldest, compared) if self.files else compared
            self.files[name] = found
        return {number for one in found.values() for number in one.numbers}

    def take_back(self, entries: Collection[FileEntry]) -> Iterator[tuple[str, set[int]]]:
        """Give back what is to be read after all, beside the entries that are: names of files, numbers of objects."""
        if not self.files:
            return
        moved, gone = self._moved(entries), _gone()
        named = {one.slug for entry in entries for one in records.references(entry.record)}
        for name, found in self.files.items():
            doubtful = {
                place: one
                for place, one in found.items()
                if moved is None or place in gone or place[1] in named or any(slug in one.text for slug in moved)
            }
            self.files[name] = {place: one for place, one in found.items() if place not in doubtful}
            if doubtful:
                yield name, {number for one in doubtful.values() for number in one.numbers}

    def _moved(self, entries: Collection[FileEntry]) -> list[str] | None:
        """The slugs, old ones too, of what is read and of what has got a version since; None if they are too many."""
        slugs = {entry.record["slug"] for entry in entries}
        if len(slugs) > MOST:
            return None
        read = Address.objects.filter(slug__in=db.in_values(slugs)).values("page")
        newer = Version.objects.filter(pk__gt=self.oldest).order_by().values("page")
        for addresses in (Address.objects.filter(page__in=read), Address.objects.filter(page__in=newer)):
            slugs |= set(addresses.values_list("slug", flat=True)[: MOST + 1])
        return list(slugs) if len(slugs) <= MOST else None

    @property
    def count(self) -> int:
        return sum(map(len, self.files.values()))

    def places(self) -> Iterator[Place]:
        """What is passed over."""
        return chain.from_iterable(self.files.values())

    def digests(self) -> dict[str, list[bytes]]:
        """The digests of what is passed over, by file."""
        return {name: [one.digest for one in found.values()] for name, found in self.files.items()}


def _gone() -> set[Place]:
    """The places of entries that were deleted: of that no version tells."""
    found: set[Place] = set()
    for kind in Kind:
        pages = Page.objects.filter(kind=kind, **{f"{kind}__isnull": True}).values("pk")
        found |= {(kind, slug) for slug in Address.objects.filter(page__in=pages).values_list("slug", flat=True)}
    return found
