"""Holds JSON-LD against the vocabulary of schema.org, without a network.

`vocabulary.json` is an extract of it, and says whose it is and under which license. schema.org's own shapes are no
help: they let a property pass that does not exist.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SAID = json.loads((Path(__file__).parent / "vocabulary.json").read_text(encoding="utf-8"))
TYPES: dict[str, list[str]] = _SAID["types"]
PROPERTIES: dict[str, dict[str, list[str]]] = _SAID["properties"]
_BLOCK = re.compile('<script type="application/ld\\+json">(.*?)</script>', re.DOTALL)
_FORMS = {
    "Text": re.compile(".+", re.DOTALL),
    "URL": re.compile(r"https?://\S+"),
    "Date": re.compile(r"\d{4}-\d\d-\d\d"),
    "DateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*"),
}
_INPUT = "-input"
"""What the name of a property ends with that says what to type for it: its value is text."""


def graphs_of(html: str) -> list[dict[str, Any]]:
    """The graphs that a page holds."""
    return [json.loads(block) for block in _BLOCK.findall(html)]


def faults(graph: dict[str, Any]) -> list[str]:
    """What is wrong in a graph: types and properties that do not exist or no longer do, domains, ranges, references."""
    wrong = [] if graph.get("@context") == "https://schema.org" else ["no context"]
    nodes = {node["@id"]: node for node in graph["@graph"] if "@id" in node}
    for node in graph["@graph"]:
        wrong += _of_node(node, nodes)
    return wrong


def _of_node(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> Iterator[str]:
    type_ = node.get("@type", "")
    if type_ not in TYPES:
        yield f"{type_ or node}: no such type"
        return
    for name, values in node.items():
        if name.startswith("@"):
            continue
        known = PROPERTIES.get(name.removesuffix(_INPUT))
        if known is None:
            yield f"{type_}.{name}: no such property"
            continue
        if known["superseded_by"]:
            yield f"{type_}.{name}: superseded by {known['superseded_by']}"
        if not _above(type_) & set(known["domain"]):
            yield f"{type_}.{name}: a property of {known['domain']}"
        for value in values if isinstance(values, list) else [values]:
            if not _fits(value, ["Text"] if name.endswith(_INPUT) else known["range"], nodes):
                yield f"{type_}.{name}: not one of {known['range']}: {value!r}"
            if isinstance(value, dict) and value.keys() != {"@id"}:
                yield from _of_node(value, nodes)


def _above(type_: str) -> set[str]:
    return {type_}.union(*(_above(parent) for parent in TYPES.get(type_, ())))


def _fits(value: object, range_: list[str], nodes: dict[str, dict[str, Any]]) -> bool:
    """Whether a value is of one of some types. A reference to what is described elsewhere can be anything."""
    if isinstance(value, dict):
        type_ = nodes.get(value.get("@id", ""), value).get("@type")
        return (value.keys() == {"@id"} and type_ is None) or bool(_above(str(type_)) & set(range_))
    if not isinstance(value, str):
        return type(value) is int and "Integer" in range_
    return any(kind in _FORMS and _FORMS[kind].fullmatch(value) for kind in range_)
