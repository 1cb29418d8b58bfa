"""Django's SQLite, with a file that nobody else may read."""
