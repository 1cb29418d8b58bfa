"""The admin site of the editors, and what it holds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.urls import path

from conditions import records
from conditions.admin import picks
from conditions.admin.entries import ADMINS


class EditorsSite(admin.AdminSite):
    site_title = "FaceHealth editors"
    site_header = "FaceHealth editors"
    index_title = "What would you like to edit?"
    enable_nav_sidebar = False

    def get_urls(self) -> list[Any]:
        pick = path("pick/<slug:of>/", self.admin_view(picks.answer), name="pick")
        return [pick, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The apps and what is in them; our kinds in the order of a page, not of the alphabet."""
        kinds = [shape.model._meta.object_name for shape in records.SHAPES.values()]
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "conditions":
                app["models"].sort(key=lambda model: kinds.index(model["object_name"]))
        return sorted(apps, key=lambda app: app["app_label"] != "conditions")


site = EditorsSite(name="admin")
for kind, entry_admin in ADMINS.items():
    site.register(records.SHAPES[kind].model, entry_admin)
site.register(User, UserAdmin)
site.register(Group, GroupAdmin)
