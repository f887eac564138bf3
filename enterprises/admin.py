"""The administrator's site: look at everything, and do what the acts of this storey do. Nothing is edited behind them.

Tables that keep history are shown, never changed. Forms hand what was typed to an act, and its refusals come back on the
fields.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from enterprises import access, accounts, api_tokens, work_days
from enterprises.choices import Role, TokenScope
from enterprises.errors import Refused
from enterprises.models import (
    Account,
    ApiToken,
    Attachment,
    AuditEntry,
    Certificate,
    DivisionFact,
    Enterprise,
    Organisation,
    Placement,
    Post,
    WorkDay,
)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[Any]
else:
    ModelAdmin, ModelForm = admin.ModelAdmin, forms.ModelForm


class AdministratorSite(admin.AdminSite):
    """For accounts that hold the administrator's post; others are told no, strangers are sent to sign in."""

    site_header = site_title = "保供管理"
    index_title = "数据与账号"
    site_url = "/"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and Role.ADMIN in access.roles(request.user)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Signing in has one page; who is signed in already lacks the post."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", "/admin/"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("accounts:password")


site = AdministratorSite(name="admin")


class Shown(ModelAdmin):
    """Rows to look at."""

    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ActForm(ModelForm):
    """Hands what was typed to an act; its refusals stand on their fields."""

    actor: ClassVar[Account]
    done: Any = None

    def act(self, said: dict[str, Any]) -> Any:
        """Do it; gives the row that was made or changed."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.done = self.act(said)
            except Refused as refused:
                for error in refused.errors:
                    self.add_error(error.field if error.field in self.fields else None, error.message)
        return said

    def _post_clean(self) -> None:
        """The act has stored the row: there is nothing left to judge."""


class Acting(Shown):
    """Rows that an act makes or changes."""

    form: type[ActForm]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        found = super().get_form(request, obj, change, **kwargs)
        found.actor = request.user  # type: ignore[attr-defined]
        return found

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.done

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Stored by the act."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is."""


def _password(*, is_required: bool) -> forms.CharField:
    return forms.CharField(
        label="密码" if is_required else "新密码",
        required=is_required,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 12 个字符" if is_required else "不改就留空；改了以后，旧的登录全部失效",
    )


class NewAccount(ActForm):
    password = _password(is_required=True)

    class Meta:
        model = Account
        fields = ("username", "display_name", "phone")

    def act(self, said: dict[str, Any]) -> Account:
        return accounts.create(actor=self.actor, **said)


class KnownAccount(ActForm):
    password = _password(is_required=False)

    class Meta:
        model = Account
        fields: tuple[str, ...] = ()

    def act(self, said: dict[str, Any]) -> Account:
        if said["password"]:
            accounts.set_password(actor=self.actor, account=self.instance, password=said["password"])
        return self.instance  # type: ignore[no-any-return]


@admin.register(Account, site=site)
class AccountAdmin(Acting):
    list_display = ("username", "display_name", "phone", "is_active", "posts_held", "created_at")
    list_filter = ("is_active", "is_demonstration")
    search_fields = ("username", "display_name", "phone")
    readonly_fields = ("posts_held", "is_active", "created_at")
    actions = ("deactivate",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = KnownAccount if change else NewAccount
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("username", "display_name", "phone", "password")
        return ("username", "display_name", "phone", "posts_held", "is_active", "created_at", "password")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("username", "display_name", "phone", *self.readonly_fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("posts")

    @admin.display(description="岗位")
    def posts_held(self, account: Account) -> str:
        """Roles believed now, whatever their days."""
        return "、".join(sorted({p.get_role_display() for p in account.posts.all() if p.known_until is None}))

    @admin.action(description="停用所选账号（登录和令牌立即失效）")
    def deactivate(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        for account in chosen:
            try:
                warned = accounts.deactivate(actor=access.signed_in(request.user), account=account, reason="管理页")
            except Refused as refused:
                self.message_user(request, _refusal(account, refused), messages.ERROR)
            else:
                self.message_user(request, f"{account.username} 已停用。")
                for one in warned:
                    self.message_user(request, one.what, messages.WARNING)


class NewPost(ActForm):
    class Meta:
        model = Post
        fields = (
            "account",
            "role",
            "division",
            "organisation",
            "enterprise",
            "category",
            "is_lead",
            "starts_on",
            "ends_on",
        )

    def act(self, said: dict[str, Any]) -> Post:
        accounts.assign(
            actor=self.actor,
            account=said["account"],
            role=said["role"],
            division=said["division"].pk if said["division"] else None,
            organisation=said["organisation"].code if said["organisation"] else None,
            enterprises=[said["enterprise"].uscc] if said["enterprise"] else [],
            category=said["category"].pk if said["category"] else None,
            is_lead=said["is_lead"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
        )
        return Post.objects.believed().filter(account=said["account"], role=said["role"]).latest("id")  # type: ignore[no-any-return]


@admin.register(Post, site=site)
class PostAdmin(Acting):
    form = NewPost
    list_display = ("account", "role", "division", "organisation", "is_lead", "enterprise", "starts_on", "ends_on")
    list_filter = ("role",)
    search_fields = ("account__username", "account__display_name")
    autocomplete_fields = ("account", "enterprise")
    list_select_related = ("account", "division", "organisation", "enterprise")
    actions = ("dismiss",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(known_until=None)

    @admin.action(description="所选岗位到昨天为止")
    def dismiss(self, request: HttpRequest, chosen: QuerySet[Post]) -> None:
        yesterday = access.today() - dt.timedelta(days=1)
        for post in chosen:
            try:
                warned = accounts.dismiss(
                    actor=access.signed_in(request.user), post=post, ends_on=yesterday, reason="管理页"
                )
            except Refused as refused:
                self.message_user(request, _refusal(post.account, refused), messages.ERROR)
            else:
                self.message_user(request, f"{post.account} 的岗位已结束。")
                for one in warned:
                    self.message_user(request, one.what, messages.WARNING)


def _refusal(account: Account, refused: Refused) -> str:
    """Why it was not done; where something is to be handed over, with the way to the page."""
    said = f"{account.username}：{refused}"
    if refused.code != "still_holds":
        return said
    try:
        page = reverse("coordination:officers:handover", args=[account.username])
    except NoReverseMatch:  # an installation of the lower storeys alone
        return said
    return format_html('{} <a href="{}">去办交接</a>', said, page)


class NewToken(ActForm):
    scopes = forms.MultipleChoiceField(
        label="权限范围", choices=TokenScope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label="有效天数", initial=90, min_value=1, max_value=365)
    raw = ""

    class Meta:
        model = ApiToken
        fields = ("account", "name")

    def act(self, said: dict[str, Any]) -> ApiToken:
        self.raw, token = api_tokens.create(
            actor=self.actor, account=said["account"], scopes=said["scopes"], name=said["name"], days=said["days"]
        )
        return token


@admin.register(ApiToken, site=site)
class ApiTokenAdmin(Acting):
    form = NewToken
    fields = ("account", "name", "scopes", "days")
    list_display = ("account", "name", "prefix", "created_at", "expires_at", "revoked_at", "last_used_on")
    search_fields = ("account__username", "name", "prefix")
    autocomplete_fields = ("account",)
    list_select_related = ("account",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is None else ("account", "name", "prefix", "scopes", "expires_at", "revoked_at")

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Stored by the act; the token itself is shown this once."""
        self.message_user(request, f"令牌只显示这一次，请立即抄下：{form.raw}", messages.WARNING)

    @admin.action(description="吊销所选令牌")
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        for token in chosen:
            api_tokens.revoke(actor=access.signed_in(request.user), token=token)
        self.message_user(request, "令牌已吊销。")


class KnownWorkDay(ActForm):
    class Meta:
        model = WorkDay
        fields = ("is_working", "document")

    def act(self, said: dict[str, Any]) -> WorkDay:
        return work_days.correct(
            actor=self.actor, day=self.instance.day, is_working=said["is_working"], document=said["document"]
        )


@admin.register(WorkDay, site=site)
class WorkDayAdmin(Acting):
    form = KnownWorkDay
    list_display = ("day", "is_working", "kind", "document")
    list_filter = ("kind",)
    date_hierarchy = "day"
    ordering = ("-day",)
    fields = ("is_working", "document")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Enterprise, site=site)
class EnterpriseAdmin(Shown):
    list_display = ("name", "uscc", "kind", "contact_name", "contact_phone")
    search_fields = ("name", "uscc", "initials")


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(Shown):
    list_display = ("at", "actor", "act", "object_type", "object_id", "principal")
    list_filter = ("act",)
    search_fields = ("act", "object_id", "actor__username")
    list_select_related = ("actor",)
    date_hierarchy = "at"


@admin.register(DivisionFact, site=site)
class DivisionFactAdmin(Shown):
    list_display = ("division", "name", "parent", "starts_on", "ends_on", "known_at", "known_until")
    search_fields = ("name", "division__code")


@admin.register(Placement, site=site)
class PlacementAdmin(Shown):
    list_display = ("enterprise", "division", "starts_on", "ends_on", "known_at", "known_until")
    search_fields = ("enterprise__name", "enterprise__uscc")
    list_select_related = ("enterprise", "division")


@admin.register(Certificate, site=site)
class CertificateAdmin(Shown):
    list_display = ("enterprise", "kind", "number", "valid_from", "valid_to", "status", "known_until")
    list_filter = ("kind", "status")
    search_fields = ("enterprise__name", "number")
    list_select_related = ("enterprise",)


@admin.register(Attachment, site=site)
class AttachmentAdmin(Shown):
    list_display = ("account", "enterprise", "division", "starts_on", "ends_on", "known_until")
    search_fields = ("account__username", "enterprise__name")
    list_select_related = ("account", "enterprise", "division")


@admin.register(Organisation, site=site)
class OrganisationAdmin(Shown):
    list_display = ("code", "name", "kind", "division")
    search_fields = ("name", "code")
