"""The root of the addresses: all of them, the admin included, are those of the one app."""

from django.urls import include, path

handler404 = "conditions.views.not_found"
handler500 = "facehealth.logs.server_error"
urlpatterns = [path("", include("conditions.urls"))]
