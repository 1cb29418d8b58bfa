"""The WSGI application that the server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "facehealth.settings")

site = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from conditions.edition_check import check_of  # noqa: E402
from conditions.page_cache import PageCache  # noqa: E402
from facehealth import in_use  # noqa: E402

in_use.hold()
application = site if settings.DEBUG else PageCache(site, check_of(connection))

# What is loaded by now stays. Looking through it for what could be freed took up to a fifth of a page's time.
gc.collect()
gc.freeze()
