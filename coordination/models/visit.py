"""Visits of liaison officers: what was seen, what was promised, which tickets came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import PromiseKind, PromiseOutcome, PromiseState, VisitWay
from coordination.models.ticket import Ticket
from enterprises.models import Division, Enterprise


class Visit(models.Model):
    """One talk with one enterprise, at its place or from afar. Append-only: a second look is a second visit."""

    APPEND_ONLY = True

    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="visits", verbose_name="走访人")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="visits", verbose_name="企业")
    division = models.ForeignKey(
        Division, models.PROTECT, related_name="+", verbose_name="区县", help_text="走访那天企业所在"
    )
    way = models.CharField("方式", max_length=6, choices=VisitWay.choices)
    occurred_at = models.DateTimeField("走访时间")
    recorded_at = models.DateTimeField("记录时间")
    met = models.CharField("见到谁", max_length=60)
    notes = models.TextField("情况", max_length=2000)

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        ordering = ["-occurred_at", "-id"]
        indexes = [
            # an enterprise's card and every desk ask for the last one
            models.Index(fields=["enterprise", "occurred_at"], name="visit_enterprise"),
            # an officer's day and the statistics of a period
            models.Index(fields=["officer", "occurred_at"], name="visit_officer"),
        ]


class VisitFact(models.Model):
    """One thing that was seen or said: a line of the notes. Append-only."""

    APPEND_ONLY = True

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="facts", verbose_name="走访")
    seq = models.PositiveSmallIntegerField("序号")
    text = models.CharField("事实", max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = "走访事实"
        constraints = [models.UniqueConstraint(fields=["visit", "seq"], name="visit_fact_unique")]
        ordering = ["visit", "seq"]


class VisitTicket(models.Model):
    """A ticket that came of a visit, or that was spoken of. Append-only."""

    APPEND_ONLY = True

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="tickets", verbose_name="走访")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="visits", verbose_name="问题单")
    is_raised = models.BooleanField("由走访提出", default=False)
    linked_at = models.DateTimeField("关联时间")

    class Meta:
        verbose_name = verbose_name_plural = "走访与问题单"
        constraints = [models.UniqueConstraint(fields=["visit", "ticket"], name="visit_ticket_unique")]
        ordering = ["visit", "id"]


class VisitPhoto(models.Model):
    """A photo taken on a visit, made anew; its bytes lie in the store of files under the key. Append-only."""

    APPEND_ONLY = True

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos", verbose_name="走访")
    key = models.CharField("存放名", max_length=32, unique=True)
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("类型", max_length=8)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "走访照片"
        ordering = ["visit", "id"]


class Promise(models.Model):
    """Who does what by when, said on a visit; `owner` follows it up, and hands it over when he leaves.

    `due_on` is the day that holds now, `first_due_on` the one that was said first. Written by coordination.promises only.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="promises", verbose_name="走访")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="promises", verbose_name="企业")
    kind = models.CharField("谁答应", max_length=10, choices=PromiseKind.choices)
    who = models.CharField("姓名或单位", max_length=60, blank=True)
    what = models.CharField("什么事", max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="promises", verbose_name="跟进人")
    due_on = models.DateField("何日前")
    first_due_on = models.DateField("原定何日前")
    state = models.CharField("状态", max_length=8, choices=PromiseState.choices, default=PromiseState.OPEN)
    settled_at = models.DateTimeField("了结时间", null=True)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "约定"
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="promise_settled",
                condition=Q(state="open", settled_at=None) | (~Q(state="open") & Q(settled_at__isnull=False)),
            ),
        ]
        indexes = [
            # an officer's day: what of his is open, by its day
            models.Index(fields=["owner", "state", "due_on"], name="promise_owner"),
            # the enterprise's card
            models.Index(fields=["enterprise", "state"], name="promise_enterprise"),
        ]


class PromiseTurn(models.Model):
    """What became of a promise, in order: kept, broken, moved to another day, handed to another officer. Append-only."""

    APPEND_ONLY = True

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="turns", verbose_name="约定")
    seq = models.PositiveSmallIntegerField("序号")
    outcome = models.CharField("结果", max_length=8, choices=PromiseOutcome.choices)
    due_on = models.DateField("此后何日前")
    note = models.CharField("说明", max_length=200, blank=True)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+", verbose_name="由哪次走访")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办账号"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "约定跟进"
        constraints = [models.UniqueConstraint(fields=["promise", "seq"], name="promise_turn_unique")]
        ordering = ["promise", "seq"]
