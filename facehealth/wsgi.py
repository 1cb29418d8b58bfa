"""The WSGI application that the server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from facehealth import in_use

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "facehealth.settings")

application = get_wsgi_application()
in_use.hold()

# What is loaded by now stays. Looking through it for what could be freed took up to a fifth of a page's time.
gc.collect()
gc.freeze()
