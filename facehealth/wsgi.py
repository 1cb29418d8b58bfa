"""The WSGI application that the server runs."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "facehealth.settings")

site = get_wsgi_application()

from django.conf import settings  # noqa: E402

from conditions import clock  # noqa: E402
from conditions.page_cache import PageCache  # noqa: E402
from conditions.replica import check_of_readers  # noqa: E402
from facehealth import in_use  # noqa: E402

in_use.hold()
clock.start()
application = site if settings.DEBUG else PageCache(site, check_of_readers())

# A page that is kept takes a tenth of a millisecond. Beside a search that computes it would wait for its turn at Python
# several times, five milliseconds each, which is what a turn takes unless something else is said here.
sys.setswitchinterval(0.0001)

# What is loaded by now stays. Looking through it for what could be freed took up to a fifth of a page's time.
gc.collect()
gc.freeze()
