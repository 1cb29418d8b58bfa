"""The root of the addresses: all of them, the admin included, are those of the one app."""

from django.urls import include, path

urlpatterns = [path("", include("conditions.urls"))]
