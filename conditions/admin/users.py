"""Users: their names, their passwords, and what they may do. The roles themselves are fixed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group, User
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from conditions.admin import queries
from conditions.models.people import Credentials

ROLES_HELP = "Authors write. Publishers also publish, withdraw and delete. Reviewers approve what others wrote."
ACTIVE, INACTIVE = "Active", "Cannot log in"
NO_FIT = "The username and password do not match. Both are case-sensitive."
LAST = "No one else manages users: give someone else that permission first."


def is_last(user: User) -> bool:
    """Whether the user is the only superuser who can log in."""
    others = User.objects.filter(is_superuser=True, is_active=True, is_staff=True).exclude(pk=user.pk)
    return user.is_superuser and user.is_active and not others.exists()


if TYPE_CHECKING:
    _PasswordForm = AdminPasswordChangeForm[User]
    _UserForm = UserChangeForm[User]
    _UserAdmin = UserAdmin[User]
else:
    _PasswordForm, _UserForm, _UserAdmin = AdminPasswordChangeForm, UserChangeForm, UserAdmin


class LoginForm(AdminAuthenticationForm):
    """Says the same of a wrong name, a wrong password and a login that is not for editors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages = self.error_messages | {"invalid_login": NO_FIT}
        self.fields["username"].label = "Username"


class NewPasswordForm(_PasswordForm):
    """A new password for another user; there is no login without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)


class ChangeForm(_UserForm):
    """A user; the password is changed on a page of its own."""

    password = None  # type: ignore[assignment]  # Django takes None as "no such field"
    credentials = forms.CharField(
        required=False,
        max_length=200,
        help_text="Such as “neurologist”. Readers see it beside the name of who reviewed.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Credentials.objects.filter(user=self.instance.pk).first()
        self.fields["credentials"].initial = known.text if known else ""

    def clean(self) -> dict[str, Any]:
        """What was typed. ValidationError if no one could manage users anymore."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        stays = typed.get("is_active") and typed.get("is_superuser", self.instance.is_superuser)
        # The fields have not been written to the instance yet.
        if not stays and is_last(self.instance):
            raise forms.ValidationError(LAST)
        return typed


class LoginFilter(admin.SimpleListFilter):
    title = "login"
    parameter_name = "login"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[User]) -> list[tuple[str, str]]:
        return [("active", ACTIVE), ("inactive", INACTIVE)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        active = {"is_active": True, "is_staff": True}
        asked = self.value()
        return queryset.filter(**active) if asked == "active" else queryset.exclude(**active) if asked else queryset


class RoleFilter(admin.SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[User]) -> list[tuple[str, str]]:
        return [(name, name) for name in Group.objects.order_by("name").values_list("name", flat=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        asked = self.value()
        return queryset.filter(groups__name=asked) if asked else queryset


class EditorUserAdmin(_UserAdmin):
    """The users and their roles. Only users who manage users may open it."""

    actions = None
    add_form_template = None
    form = ChangeForm
    add_form = UserCreationForm
    change_password_form = NewPasswordForm
    fieldsets = (
        (None, {"fields": ("username", "is_active", "groups", "is_superuser")}),
        ("As readers see it", {"fields": ("first_name", "last_name", "credentials")}),
        ("Mail", {"fields": ("email",)}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2", "groups")}),)
    filter_horizontal = ()
    list_display = ("username", "roles", "may_log_in")
    list_filter = (LoginFilter, RoleFilter)
    search_fields = ("username",)
    search_help_text = "Part of a username."
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[queries.OfferedFilters]:
        return queries.OfferedFilters

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        """A user by key. Pop-ups of other forms name another field, and the admin has none."""
        return super().get_object(request, object_id)

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        named = [group.name for group in user.groups.all()]
        return ", ".join([*sorted(named), *(["manages users"] if user.is_superuser else [])]) or "none"

    @admin.display(description="login", ordering="is_active")
    def may_log_in(self, user: User) -> str:
        return ACTIVE if user.is_active and user.is_staff else INACTIVE

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Users"})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The form of a user, under the saved name."""
        user = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, {"title": user.username if user else "User"})

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only users who manage users may give that permission to others."""
        each = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return each
        return [(name, {"fields": [one for one in of["fields"] if one != "is_superuser"]}) for name, of in each]

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.widget = forms.CheckboxSelectMultiple(choices=field.choices)
            field.label, field.help_text = "Roles", ROLES_HELP
        elif db_field.name == "username":
            field.label, field.help_text = "Username", "Letters, digits and @ . + - _ only."
        elif db_field.name in ("first_name", "last_name"):
            field.help_text = "Readers see the name with what this person publishes or reviews."
        elif db_field.name == "email":
            field.label, field.help_text = "E-mail", "For requests to review, if this site sends mail."
        elif db_field.name == "is_active":
            field.label, field.help_text = "Can log in", "Uncheck this instead of deleting a user."
        elif db_field.name == "is_superuser":
            field.label, field.help_text = "Manages users", "Has every other permission too, whatever the roles."
        return field

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """What the log says: which fields, and where those say it, which roles the user has now."""
        found = super().construct_change_message(request, form, formsets, add)
        if "groups" not in form.changed_data:
            return found
        roles = ", ".join(sorted(group.name for group in form.cleaned_data["groups"])) or "none"
        return f"{LogEntry(change_message=json.dumps(found)).get_change_message()} Roles now: {roles}."

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        if not change:
            obj.is_staff = True  # because there is nothing else to log in to
        super().save_model(request, obj, form, change)
        if "credentials" in form.cleaned_data:
            said = form.cleaned_data["credentials"].strip()
            if said:
                Credentials.objects.update_or_create(user=obj, defaults={"text": said})
            else:
                Credentials.objects.filter(user=obj).delete()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Users who do not manage users may not change those who do: they could set their passwords."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only users who manage users may delete one of them, and never the last."""
        if obj is not None and (is_last(obj) or not self.has_change_permission(request, obj)):
            return False
        return super().has_delete_permission(request, obj)
