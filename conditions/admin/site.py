"""The admin site of the editors, and what it holds."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.csrf import csrf_failure
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conditions.admin import (
    all_entries,
    autocomplete,
    editions,
    expired_forms,
    log,
    preview,
    publish_many,
    queries,
    unfound,
    users,
    work_list,
)
from conditions.models import desk


class EditorsSite(admin.AdminSite):
    site_title = "FaceHealth editors"
    site_header = "FaceHealth editors"
    index_title = "What there is to do"
    enable_nav_sidebar = False
    login_form = users.LoginForm
    password_change_template = "admin/password_change.html"
    password_change_done_template = "admin/password_changed.html"
    logout_template = "admin/logged_out.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            # Its form is checked below, where a failure can be answered with what was typed.
            path("login/", csrf_exempt(self.login), name="login"),
            path("pick/<slug:of>/", self.admin_view(autocomplete.answer), name="pick"),
            path("words/<slug:slug>/", self.admin_view(autocomplete.words), name="words"),
            path("as-read/", self.admin_view(preview.text), name="as_read"),
        ]
        for name, place, view, asked in (
            ("entries", "entries/", all_entries.entries, require_safe),
            ("coverage", "coverage/", all_entries.what_documents_carry, require_safe),
            ("deleted_entries", "deleted-entries/", all_entries.deleted_entries, require_safe),
            ("restore_deleted", "deleted-entries/<int:page_id>/", all_entries.restore_deleted, require_POST),
            ("work", "to-do/<slug:slug>/", work_list.listed, require_safe),
            ("editions", "editions/", editions.listed, require_safe),
            ("edition", "editions/<int:number>/", editions.shown, require_safe),
            ("log", "log/", log.listed, require_safe),
            ("unfound", "unfound/", unfound.listed, require_safe),
            ("unfound_add", "unfound/<int:query_id>/", unfound.add, require_http_methods(["GET", "HEAD", "POST"])),
            ("unfound_leave_out", "unfound/<int:query_id>/leave-out/", unfound.leave_out, require_POST),
        ):
            shown = self.admin_view(asked(partial(view, self)))
            own.append(path(place, expired_forms.or_try_again(shown), name=name))
        for name, place, view in (
            ("edition_undo", "editions/<int:number>/undo/", editions.undo),
            ("publish", "publish/", publish_many.publish),
        ):
            asked_for = require_http_methods(["GET", "HEAD", "POST"])(partial(view, self))
            own.append(path(place, expired_forms.preserve_post(self, asked_for), name=name))
        return own + super().get_urls()

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A view of the admin: what its query cannot mean is taken out first, and its page is compressed.

        Compressed pages tell their secrets by their length (BREACH) to sites that can have them sent again and again
        with words of their own in them. The session's cookie is not sent along for other sites, each page has its
        token masked another way, and gets a length of its own by random bytes.
        """
        return gzip_page(queries.cleaning(super().admin_view(view, cacheable)))

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> TemplateResponse:
        """The first page: what waits for the user, and links to what else they may change."""
        may_restore, may_add = all_entries.may_restore_deleted(request.user), unfound.may_see(request.user)
        links = {"may_restore_deleted": may_restore, "may_add_unfound": may_add}
        sections = work_list.WorkList(request.user).sections()
        nothing = [one.title for one in sections if not one.count]
        return super().index(request, {**(extra_context or {}), **links, "sections": sections, "nothing": nothing})

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The login page; with what was typed, where a form was posted after the session expired."""
        preserved = request.POST.get("preserved", "") if request.method == "POST" else ""
        if request.method == "POST" and (reason := expired_forms.why_forged(request)):
            return expired_forms.login_expired(self, request, preserved) if preserved else csrf_failure(request, reason)
        if preserved:
            extra_context = {"app_path": reverse("admin:login"), "preserved": preserved}
        response = super().login(request, extra_context)
        return expired_forms.bring_back(request, response, preserved) if preserved else response

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The apps and what is in them; our kinds in the order of a page, not of the alphabet."""
        kinds = [model._meta.object_name for model in desk.MODELS.values()]
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "conditions":
                app["models"].sort(key=lambda model: kinds.index(model["object_name"]))
            else:
                app["name"] = "Users"
        return sorted(apps, key=lambda app: app["app_label"] != "conditions")


site = EditorsSite(name="admin")
site.disable_action("delete_selected")
# Roles are not edited here: they are granted after each migrate.
site.register(User, users.EditorUserAdmin)
