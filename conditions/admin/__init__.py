"""The editors’ admin: entries are typed into forms, which become records, which become versions."""

from conditions.admin import entry_admin  # which registers a class for each kind

__all__ = ["entry_admin"]
