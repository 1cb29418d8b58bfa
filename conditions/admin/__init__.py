"""The editors’ door: entries are typed into forms, which become records, which become versions."""
