"""Settings of the plain Django site."""

import common

globals().update(common.settings("plain"))
INSTALLED_APPS = [*common.DEFAULT_APPS, "plain"]
ROOT_URLCONF = "plain.urls"
