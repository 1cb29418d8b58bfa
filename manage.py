#!/usr/bin/env python
"""Django's command line for FaceHealth: `python manage.py help` lists the commands."""

import os
import signal
import sys


def main() -> None:
    """Run the command in sys.argv. A wrong setting or database ends it with one message and exit status 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "facehealth.settings")
    if sys.argv[1:2] == ["serve"]:
        # Until the server runs, Ctrl-C ends it on the spot; as an exception it can get lost in the imports.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import DatabaseError
    except ImportError:
        sys.exit(
            "Django is not installed for this Python. `make run` makes an environment that has it: "
            "then use .venv/bin/python."
        )
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"FaceHealth cannot start: {error}")
    except DatabaseError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(
            f"The database does not answer as it should: {str(error).strip()}\nStart it, or fix DATABASE_URL or "
            "DATA_DIR. If it has no tables yet, or those of an older FaceHealth: run `manage.py migrate`. "
            "If it is damaged: run `manage.py restore_backup` with your newest backup."
        )
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
