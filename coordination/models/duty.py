"""The duty roster 值班表: who answers for a desk, a unit or a working group, from which moment to which."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coordination.choices import DutyPart
from enterprises.models import Division, Organisation


def one_place(name: str) -> models.CheckConstraint:
    """The check that a row names the desk of a division or a unit, never both."""
    return models.CheckConstraint(
        name=name,
        condition=Q(division__isnull=False, organisation=None) | Q(division=None, organisation__isnull=False),
    )


class DutyShift(models.Model):
    """One person on duty at one place, half-open in time. A row is never rewritten: it is dropped and another added."""

    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", verbose_name="区划")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    part = models.CharField("AB角", max_length=1, choices=DutyPart.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("电话", max_length=30)
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="排班账号"
    )
    made_at = models.DateTimeField("排班时间")
    dropped_at = models.DateTimeField("撤下时间", null=True)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="撤下账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "值班"
        ordering = ["starts_at", "part", "id"]
        constraints = [
            one_place("duty_shift_one_place"),
            models.CheckConstraint(name="duty_shift_ordered", condition=Q(ends_at__gt=F("starts_at"))),
        ]
        indexes = [
            # who is on duty now, and the week of a place
            models.Index(fields=["ends_at"], name="duty_shift_standing", condition=Q(dropped_at=None)),
        ]


class Absence(models.Model):
    """Days on which somebody is away and is not asked, whatever the roster says; first and last day count."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=60)
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期")
    reason = models.CharField("事由", max_length=100, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记账号")
    made_at = models.DateTimeField("登记时间")
    dropped_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "请假"
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(name="absence_span", condition=Q(ends_on__gte=F("starts_on"))),
        ]


class Handover(models.Model):
    """A shift was given to the next one, with what it must know. Append-only."""

    APPEND_ONLY = True

    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", verbose_name="区划")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    given = models.ForeignKey(DutyShift, models.PROTECT, related_name="+", verbose_name="交班")
    taken = models.ForeignKey(DutyShift, models.PROTECT, related_name="+", verbose_name="接班")
    note = models.CharField("交班记录", max_length=1000)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")

    class Meta:
        verbose_name = verbose_name_plural = "交接班"
        ordering = ["-at", "-id"]
        constraints = [one_place("handover_one_place")]
