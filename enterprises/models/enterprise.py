"""Enterprises: who produces, under which name, standing where, on which lists."""

from typing import Self

from django.db import models
from django.db.models import Q

from enterprises.choices import EnterpriseKind, EnterpriseStatus, MembershipList, StartKind
from enterprises.models.division import Division
from enterprises.models.fact import SpanFact, span_ordered
from enterprises.rules.names import folded


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    """Questions about enterprises."""

    def search(self, text: str) -> Self:
        """Enterprises found by every word of `text`: name, full pinyin, initials, or a part of the code."""
        found = self
        for word in text.split():
            plain = folded(word)
            condition = Q(name__icontains=word) | Q(name__icontains=plain)
            if plain.isascii():
                condition |= Q(sort_key__contains=plain) | Q(initials__contains=plain)
                condition |= Q(uscc__contains=plain.upper())
            found = found.filter(condition)
        return found


class Enterprise(models.Model):
    """One legal person by its 统一社会信用代码. Name and status are facts; the columns here are derived from them.

    The county is never read off the code: it is a placement. Written by enterprises.registration only.
    """

    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True)
    kind = models.CharField("类型", max_length=12, choices=EnterpriseKind.choices, default=EnterpriseKind.PRODUCER)
    name = models.CharField("企业名称", max_length=200, help_text="当前名称;历史见企业沿革")
    sort_key = models.CharField("拼音", max_length=400, blank=True, help_text="全拼,用于排序")
    initials = models.CharField("拼音首字母", max_length=200, blank=True, help_text="用于检索")
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    contact_email = models.EmailField("联系邮箱", blank=True, help_text="收提醒邮件")
    address = models.CharField("地址", max_length=300, blank=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        ordering = ["sort_key", "uscc"]
        indexes = [
            # the enterprise list is shown in the order of pinyin
            models.Index(fields=["sort_key", "uscc"], name="enterprise_sort"),
        ]

    def __str__(self) -> str:
        return self.name


class EnterpriseFact(SpanFact):
    """Name, status and kind of start of an enterprise on given days."""

    IDENTITY = ("enterprise", "starts_on")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="facts", verbose_name="企业")
    name = models.CharField("企业名称", max_length=200)
    status = models.CharField("状态", max_length=12, choices=EnterpriseStatus.choices, default=EnterpriseStatus.ACTIVE)
    start_kind = models.CharField("投产方式", max_length=12, choices=StartKind.choices, blank=True)
    successor = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承继企业"
    )

    class Meta:
        verbose_name = verbose_name_plural = "企业沿革"
        constraints = [span_ordered("enterprise_fact_span")]


class Placement(SpanFact):
    """The reporting unit on which an enterprise stands on given days (R15)."""

    IDENTITY = ("enterprise", "starts_on")
    MOVES_TOTALS = True

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="placements", verbose_name="企业")
    division = models.ForeignKey(Division, models.PROTECT, related_name="placements", verbose_name="填报单位")

    class Meta:
        verbose_name = verbose_name_plural = "企业属地"
        constraints = [span_ordered("placement_span")]
        indexes = [
            # who stands in these units on this day: the scope of every county list
            models.Index(fields=["division", "starts_on"], name="placement_division"),
        ]


class Membership(SpanFact):
    """An enterprise stands on a list (key, chain, positive) on given days."""

    IDENTITY = ("enterprise", "list", "starts_on")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="memberships", verbose_name="企业")
    list = models.CharField("名单", max_length=10, choices=MembershipList.choices)

    class Meta:
        verbose_name = verbose_name_plural = "名单"
        constraints = [span_ordered("membership_span")]
