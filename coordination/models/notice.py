"""The outbox of the liaison desk: who is to know what, written with its cause."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.models.duty import DutyShift
from coordination.models.ticket import Ticket
from enterprises.models import Division, Enterprise, Organisation

RECIPIENTS = ("enterprise", "division", "organisation", "account")


def _only(name: str) -> Q:
    """This recipient and no other."""
    return Q(**{f"{one}__isnull": one != name for one in RECIPIENTS})


class Notice(models.Model):
    """One message to one desk (an enterprise, a division's, a unit's), or to one account. Delivered when it was opened.

    `shift`: who was on duty when it was written; with an account it went to him alone, else to the desk he sits at.
    `open_by`: when somebody must have opened it; then a call falls due. `planned_at`: when its e-mails were written.
    """

    key = models.CharField("键", max_length=80, unique=True, help_text="同一原因、同一收件方只有一条")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="notices", verbose_name="问题单")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", verbose_name="区划")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    shift = models.ForeignKey(DutyShift, models.PROTECT, null=True, related_name="+", verbose_name="当班")
    cause = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="由谁引起"
    )
    text = models.CharField("内容", max_length=300)
    is_warning = models.BooleanField("时限提醒", default=False)
    created_at = models.DateTimeField("时间")
    open_by = models.DateTimeField("最迟打开", null=True)
    planned_at = models.DateTimeField("安排发送", null=True)
    opened_at = models.DateTimeField("打开时间", null=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="打开账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        constraints = [
            models.CheckConstraint(
                name="notice_one_recipient",
                condition=_only("enterprise") | _only("division") | _only("organisation") | _only("account"),
            ),
        ]
        indexes = [
            # every page of a desk asks what it has not opened
            models.Index(fields=["enterprise", "opened_at"], name="notice_enterprise"),
            models.Index(fields=["division", "opened_at"], name="notice_division"),
            models.Index(fields=["organisation", "opened_at"], name="notice_organisation"),
            models.Index(fields=["account", "opened_at"], name="notice_account"),
            # the jobs ask what nobody opened in time, and what has not been written out yet
            models.Index(
                fields=["open_by"], name="notice_unopened", condition=Q(opened_at=None, open_by__isnull=False)
            ),
            models.Index(fields=["id"], name="notice_unplanned", condition=Q(planned_at=None)),
        ]
