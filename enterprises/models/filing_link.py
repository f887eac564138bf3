"""Filing links: the printed door through which a clerk without a password files for one enterprise."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from enterprises.models.account import Account
from enterprises.models.enterprise import Enterprise


class FilingLink(models.Model):
    """A link printed as a QR code, with a PIN. Only digests of the two are kept; at most one per enterprise is live.

    `account` is the clerk without password that speaks through it; what it may do is bounded by its one post and by
    the session (coordination.middleware.FilingLinkMiddleware). Written by enterprises.filing_links only.
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="filing_links", verbose_name="企业")
    account = models.ForeignKey(Account, models.PROTECT, related_name="filing_links", verbose_name="账号")
    digest = models.CharField("摘要", max_length=64, unique=True)
    pin_hash = models.CharField("口令摘要", max_length=200)
    created_at = models.DateTimeField("创建时间")
    expires_at = models.DateTimeField("到期时间")
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("连续输错", default=0)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "填报码"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                name="filing_link_one_live", fields=["enterprise"], condition=Q(revoked_at__isnull=True)
            ),
        ]


class Switch(models.Model):
    """A door of the whole installation that its administrator can shut; no row = open."""

    name = models.CharField("名称", max_length=40, primary_key=True)
    is_on = models.BooleanField("开启", default=True)
    changed_at = models.DateTimeField("变更时间")

    class Meta:
        verbose_name = verbose_name_plural = "开关"
