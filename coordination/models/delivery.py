"""What leaves the house: e-mails and words to group robots, each written from a notice, each once."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import DeliveryChannel, DeliveryState, Digest
from coordination.models.notice import Notice
from supplies.models import Outgoing


class Delivery(Outgoing):
    """One notice to one receiver by one channel; the key is of the three. Written by coordination.deliveries only.

    `gathers`: it may wait for others and be said together with them; then all but one are merged into `digest`.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries", verbose_name="通知")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    channel = models.CharField("渠道", max_length=10, choices=DeliveryChannel.choices)
    state = models.CharField("状态", max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    gathers = models.BooleanField("可汇总", default=False)
    digest = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", verbose_name="并入")

    class Meta:
        verbose_name = verbose_name_plural = "外发消息"
        indexes = [
            # the sender asks for what waits, the page for the newest and for failures
            models.Index(fields=["not_before"], name="delivery_open", condition=Q(state__in=["waiting", "sending"])),
            models.Index(fields=["state", "created_at"], name="delivery_state"),
        ]


class MessagePreference(models.Model):
    """How an account hears of ordinary things by e-mail. Duty, urgent and overdue things cannot be switched off."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    ordinary = models.CharField("一般消息", max_length=10, choices=Digest.choices, default=Digest.AT_ONCE)

    class Meta:
        verbose_name = verbose_name_plural = "消息设置"
