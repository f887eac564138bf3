"""Official letters to bodies outside: what was asked of whom, by whose signature, and what came back."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import LetterResult, LetterState, LetterWay
from coordination.models.common_problem import CommonProblem
from coordination.models.ticket import Ticket


class LetterNumber(models.Model):
    """The register of reference numbers: the last one given to a prefix in a year. The row is the lock of the next."""

    prefix = models.CharField("机关代字", max_length=16)
    year = models.PositiveSmallIntegerField("年")
    last = models.PositiveIntegerField("末号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "公函文号"
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="letter_number_register")]


class Letter(models.Model):
    """One official letter for a ticket or a common problem; written by coordination.letters only.

    `reply_by` is the day until which an answer is asked for; a reminder moves it. `warned_for` is the day for which the
    desk has been told that no answer came.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="letters", verbose_name="问题单")
    problem = models.ForeignKey(
        CommonProblem, models.PROTECT, null=True, related_name="letters", verbose_name="共性问题"
    )
    state = models.CharField("状态", max_length=10, choices=LetterState.choices, default=LetterState.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    number = models.CharField("文号", max_length=40, null=True, unique=True)
    organ = models.CharField("发文机关", max_length=40)
    prefix = models.CharField("机关代字", max_length=16)
    addressee = models.CharField("主送", max_length=200)
    copies = models.CharField("抄送", max_length=200, blank=True)
    title = models.CharField("标题", max_length=100)
    body = models.TextField("正文", max_length=5000)
    attachments = models.JSONField("附件", default=list, blank=True)
    contact = models.CharField("联系人和电话", max_length=100, blank=True)
    reply_by = models.DateField("请函复日", null=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟稿人")
    created_at = models.DateTimeField("拟稿时间")
    return_reason = models.CharField("退回理由", max_length=500, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="签发人"
    )
    signed_at = models.DateTimeField("签发时间", null=True)
    dated = models.DateField("成文日期", null=True)
    sent_on = models.DateField("发出日期", null=True)
    way = models.CharField("发出方式", max_length=10, choices=LetterWay.choices, blank=True)
    sent_note = models.CharField("发出说明", max_length=200, blank=True)
    is_told = models.BooleanField("告诉企业", default=False)
    replied_on = models.DateField("回函日期", null=True)
    reply_number = models.CharField("回函文号", max_length=60, blank=True)
    reply_text = models.TextField("回函内容", max_length=2000, blank=True)
    reply_result = models.CharField("回函结果", max_length=10, choices=LetterResult.choices, blank=True)
    warned_for = models.DateField("已提醒的函复日", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    closing_note = models.CharField("办结或作废说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "公函"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="letter_one_cause",
                condition=Q(ticket__isnull=False, problem=None) | Q(ticket=None, problem__isnull=False),
            ),
            # what has left the house has a number, a signature and a date
            models.CheckConstraint(
                name="letter_signed",
                condition=Q(state__in=["draft", "awaiting", "dropped"])
                | Q(number__isnull=False, signed_by__isnull=False, dated__isnull=False),
            ),
        ]
        indexes = [
            # what has been sent and is not answered in time
            models.Index(fields=["state", "reply_by"], name="letter_awaiting_reply"),
        ]

    def __str__(self) -> str:
        return self.number or f"公函草稿 {self.pk}"


class LetterReminder(models.Model):
    """A reminder of a letter that was not answered: the first, the second ... Append-only."""

    APPEND_ONLY = True

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="reminders", verbose_name="公函")
    number = models.PositiveSmallIntegerField("第几次")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    text = models.CharField("内容", max_length=1000)
    way = models.CharField("方式", max_length=10, choices=LetterWay.choices)
    due_on = models.DateField("请函复日")

    class Meta:
        verbose_name = verbose_name_plural = "催函"
        ordering = ["letter", "number"]
        constraints = [models.UniqueConstraint(fields=["letter", "number"], name="letter_reminder_once")]
