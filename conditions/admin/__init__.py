"""The editors' door: entries are typed into forms, which become records, which become versions."""

from conditions.admin.editors import site

__all__ = ["site"]
