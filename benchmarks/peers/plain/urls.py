"""Addresses of the plain Django site."""

from django.urls import path

from plain.views import condition

urlpatterns = [path("conditions/<slug:slug>/", condition)]
