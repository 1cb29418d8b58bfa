"""The site as a walk sees it: its own folder of fixture files, and nothing that slows it down."""

import os
from pathlib import Path

from facehealth.settings import *  # noqa: F403

FIXTURES = Path(os.environ["WALKER_FIXTURES"])
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
ALLOWED_HOSTS = ["testserver"]
