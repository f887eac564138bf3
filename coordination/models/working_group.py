"""Working groups 专班: for one task and a span of days, people of several units work as one unit."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coordination.choices import GroupKind
from enterprises.models import Organisation


class WorkingGroup(models.Model):
    """What makes a unit a working group. The unit beside it receives work orders and leads like any other."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="group", verbose_name="单位")
    kind = models.CharField("性质", max_length=10, choices=GroupKind.choices)
    task = models.CharField("任务", max_length=200, blank=True)
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("撤销日期", null=True, help_text="含当日；空 = 至今")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    made_at = models.DateTimeField("设立时间")

    class Meta:
        verbose_name = verbose_name_plural = "专班"
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="working_group_span", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            )
        ]

    def __str__(self) -> str:
        return self.organisation.name


class GroupMember(models.Model):
    """A person in a working group from day to day: an account, or somebody who has none, by name and phone."""

    group = models.ForeignKey(WorkingGroup, models.PROTECT, related_name="members", verbose_name="专班")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("电话", max_length=30, blank=True)
    part = models.CharField("分工", max_length=60, blank=True)
    is_leader = models.BooleanField("负责人", default=False)
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期", null=True, help_text="含当日；空 = 至今")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="加入账号")

    class Meta:
        verbose_name = verbose_name_plural = "专班成员"
        ordering = ["-is_leader", "id"]
        constraints = [
            # one leader, and nobody twice, among those who stay
            models.UniqueConstraint(
                fields=["group"], condition=Q(is_leader=True, ends_on=None), name="group_member_one_leader"
            ),
            models.UniqueConstraint(
                fields=["group", "account"], condition=Q(ends_on=None, account__isnull=False), name="group_member_once"
            ),
        ]
        indexes = [
            # every page of an account asks which groups it is in
            models.Index(fields=["account"], name="group_member_account"),
        ]
