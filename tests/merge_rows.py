"""Relation rows as merges have them."""


def row(target, note="", tags=(), **fields):
    return {"target": target, **fields, "note": note, "tags": list(tags)}
