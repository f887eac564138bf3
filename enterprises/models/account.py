"""Accounts, the posts they hold, the enterprises they are attached to, and their API tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from enterprises.choices import Role
from enterprises.models.division import Division
from enterprises.models.enterprise import Enterprise
from enterprises.models.fact import SpanFact, span_ordered
from enterprises.models.organisation import Category, Organisation


class AccountManager(BaseUserManager[Any]):
    """Looks accounts up by user name; accounts are made by enterprises.accounts."""

    def get_by_natural_key(self, username: str | None) -> Account:
        found: Account = self.get(username=username)
        return found


class Account(AbstractBaseUser):
    """A person or a machine that signs in. It may do nothing by itself: its posts say what (enterprises.access)."""

    username = models.CharField("用户名", max_length=60, unique=True)
    display_name = models.CharField("姓名", max_length=60, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    email = models.EmailField("邮箱", max_length=254, blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_demonstration = models.BooleanField("演示账号", default=False, help_text="只在演示模式下存在")
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = AccountManager()

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username


class Post(SpanFact):
    """A role with a dated scope. An account may hold several; one scope at most, none for the administrator."""

    IDENTITY = ("account", "role", "division", "organisation", "enterprise", "category")

    account = models.ForeignKey(Account, models.PROTECT, related_name="posts", verbose_name="账号")
    role = models.CharField("角色", max_length=12, choices=Role.choices)
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区划")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="企业"
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="物资类别"
    )
    is_lead = models.BooleanField("单位负责人", default=False, help_text="部门岗位才有；催办和督办单找负责人")

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        constraints = [
            span_ordered("post_span"),
            models.CheckConstraint(name="post_lead_of_unit", condition=Q(is_lead=False) | Q(role="department")),
            models.CheckConstraint(
                name="post_one_scope",
                condition=(
                    Q(role="admin", division=None, organisation=None, enterprise=None, category=None)
                    | Q(role="enterprise", division=None, organisation=None, category=None, enterprise__isnull=False)
                    | Q(role="department", division=None, enterprise=None, category=None, organisation__isnull=False)
                    | Q(role="liaison", division=None, organisation=None, enterprise=None, category=None)
                    | (
                        Q(role__in=["city", "county", "leader", "province", "auditor"])
                        & Q(division__isnull=False, organisation=None, enterprise=None)
                    )
                ),
            ),
        ]
        indexes = [
            # every request asks for the posts of its account
            models.Index(fields=["account", "known_until"], name="post_account"),
        ]


class Attachment(SpanFact):
    """A liaison officer is attached to an enterprise, or to all enterprises of a division, on given days."""

    IDENTITY = ("account", "enterprise", "division", "starts_on")

    account = models.ForeignKey(Account, models.PROTECT, related_name="attachments", verbose_name="特派员")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="企业"
    )
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区划")

    class Meta:
        verbose_name = verbose_name_plural = "挂钩"
        constraints = [
            span_ordered("attachment_span"),
            models.CheckConstraint(
                name="attachment_one_scope",
                condition=Q(enterprise__isnull=False, division=None) | Q(enterprise=None, division__isnull=False),
            ),
        ]


class ApiToken(models.Model):
    """A key for machines: only its SHA-256 is kept, it is shown once, it has scopes and runs out."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="api_tokens", verbose_name="账号")
    name = models.CharField("用途", max_length=100, blank=True)
    prefix = models.CharField("前缀", max_length=12, help_text="供辨认,不足以使用")
    digest = models.CharField("摘要", max_length=64, unique=True)
    scopes = models.JSONField("权限范围", default=list)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    expires_at = models.DateTimeField("到期时间")
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    last_used_on = models.DateField("最近使用", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ["-created_at"]
