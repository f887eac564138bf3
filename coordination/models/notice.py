"""The outbox of the liaison desk: who is to know what, written with its cause."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.models.ticket import Ticket
from enterprises.models import Division, Enterprise, Organisation


class Notice(models.Model):
    """One message to one desk: an enterprise, the desk of a division, or a unit. Delivered when it was opened."""

    key = models.CharField("键", max_length=80, unique=True, help_text="同一原因、同一收件方只有一条")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="notices", verbose_name="问题单")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", verbose_name="区划")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    text = models.CharField("内容", max_length=300)
    is_warning = models.BooleanField("时限提醒", default=False)
    created_at = models.DateTimeField("时间")
    opened_at = models.DateTimeField("打开时间", null=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="打开账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        constraints = [
            models.CheckConstraint(
                name="notice_one_recipient",
                condition=Q(enterprise__isnull=False, division=None, organisation=None)
                | Q(enterprise=None, division__isnull=False, organisation=None)
                | Q(enterprise=None, division=None, organisation__isnull=False),
            ),
        ]
        indexes = [
            # every page of a desk asks what it has not opened
            models.Index(fields=["enterprise", "opened_at"], name="notice_enterprise"),
            models.Index(fields=["division", "opened_at"], name="notice_division"),
            models.Index(fields=["organisation", "opened_at"], name="notice_organisation"),
        ]
