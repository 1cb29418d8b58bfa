"""How many editors the prepared database has."""

EDITORS = 10
