"""Files that came with a ticket: photos, documents, tables. The bytes lie in the store under the row's key."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import SAYABLE, ScanState, Side
from coordination.models.ticket import Event, Ticket
from enterprises.models import Organisation


class TicketFile(models.Model):
    """One file, as it came with an event. Written by coordination.ticket_files only, in the transaction of the event.

    `sha256` and `size` are of what is stored; a picture is made anew, so what was sent has a hash and a size of its
    own. `actor`, `side` and `organisation` say who added it, as in Event, so that one condition reads both.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="files", verbose_name="问题单")
    event = models.ForeignKey(Event, models.PROTECT, related_name="files", verbose_name="经过")
    key = models.CharField("存放名", max_length=32, unique=True)
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("类型", max_length=8)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField("摘要", max_length=64)
    original_size = models.PositiveIntegerField("原件字节")
    original_sha256 = models.CharField("原件摘要", max_length=64)
    visibility = models.CharField("可见", max_length=10, choices=SAYABLE)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    side = models.CharField("身份", max_length=10, choices=Side.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    added_at = models.DateTimeField("添加时间")
    scan = models.CharField("扫描", max_length=10, choices=ScanState.choices, default=ScanState.UNSCANNED)
    scan_at = models.DateTimeField("最近扫描", null=True)
    scan_says = models.CharField("扫描结果", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["ticket", "added_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="ticket_file_visibility", condition=Q(visibility__in=[value for value, _ in SAYABLE])
            ),
            models.CheckConstraint(name="ticket_file_size", condition=Q(size__gt=0)),
        ]
        indexes = [
            # the scanner asks for what it has not looked into
            models.Index(fields=["scan", "scan_at"], name="ticket_file_scan"),
        ]

    def __str__(self) -> str:
        return self.name
