"""Corrections of past days in blocks: a file of the bureau, what became of its rows, what the enterprises answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from enterprises.models import Division, Enterprise
from supplies.choices import CorrectionKind, ProposalAnswer
from supplies.models.daily_report import DailyReport, Revision


class CorrectionBlock(models.Model):
    """One file of corrected past days taken in: by whom, when, why. Its id is its number. Append-only.

    `upload` = the number of the file it came from, once; files are tidied away, blocks stay. `left_out` = the rows that
    were not taken, each with its reason.
    """

    APPEND_ONLY = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    upload = models.BigIntegerField("上传编号", unique=True)
    name = models.CharField("文件名", max_length=200)
    content_sha256 = models.CharField("文件摘要", max_length=64)
    reason = models.CharField("更正理由", max_length=200, blank=True)
    returns = models.BooleanField("同时退回", help_text="提请更正的日报同时退回(R7)")
    left_out = models.JSONField("未收的行", default=list)
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "更正批"


class Correction(models.Model):
    """What became of one (enterprise, day) of a block. Append-only.

    new, revision: `revision` was filed on behalf. proposal: nothing of the enterprise's was changed; `figures` (amounts
    in thousandths) are put before it, `based_on` is its revision they were held against. unchanged: nothing was done.
    """

    APPEND_ONLY = True

    block = models.ForeignKey(CorrectionBlock, models.PROTECT, related_name="corrections", verbose_name="更正批")
    row = models.PositiveIntegerField("起始行")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="corrections", verbose_name="企业")
    day = models.DateField("填报日")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="填报单位")
    kind = models.CharField("处理", max_length=10, choices=CorrectionKind.choices)
    reason = models.CharField("更正理由", max_length=200)
    report = models.ForeignKey(DailyReport, models.PROTECT, related_name="corrections", verbose_name="日报")
    based_on = models.PositiveIntegerField("对照修订", null=True)
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="+", verbose_name="代报修订")
    figures = models.JSONField("更正数字")
    figures_sha256 = models.CharField("数字指纹", max_length=64)
    confirmations = models.JSONField("确认说明", default=list)
    is_returned = models.BooleanField("已同时退回", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "更正"
        constraints = [
            models.UniqueConstraint(fields=["block", "enterprise", "day"], name="correction_unique"),
            models.CheckConstraint(
                # R5: what the bureau files is a revision on behalf; over own figures it only proposes
                name="correction_revision",
                condition=Q(kind__in=["new", "revision"], revision__isnull=False)
                | Q(kind__in=["proposal", "unchanged"], revision__isnull=True),
            ),
        ]
        indexes = [
            # what is put before an enterprise, and on one of its days
            models.Index(fields=["enterprise", "kind", "day"], name="correction_enterprise"),
        ]


class CorrectionAnswer(models.Model):
    """What the enterprise answered to a proposal; `revision` = its own revision with those figures. Append-only."""

    APPEND_ONLY = True

    correction = models.OneToOneField(Correction, models.PROTECT, related_name="answer", verbose_name="更正")
    kind = models.CharField("答复", max_length=10, choices=ProposalAnswer.choices)
    word = models.CharField("说明", max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="答复账号")
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="+", verbose_name="企业修订")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "更正答复"
        constraints = [
            models.CheckConstraint(
                name="correction_answer_said",
                condition=Q(kind="accepted", revision__isnull=False) | (Q(kind="declined") & ~Q(word="")),
            )
        ]
