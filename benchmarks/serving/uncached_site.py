"""Our site where no page is kept: as Django answers, and as it is sent (`sent`), compressed each time."""

from facehealth import wsgi  # it sets Django up, and has what else is needed

application = wsgi.site
sent = wsgi.PageCache(wsgi.site, wsgi.check_of_readers(), most_bytes=0)
