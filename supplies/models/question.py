"""Questions about figures, and their confirmations (R20)."""

from django.conf import settings
from django.db import models

from supplies.choices import Measure, QuestionCode
from supplies.models.daily_report import Revision
from supplies.models.product import Product


class Question(models.Model):
    """Something odd about one figure of a revision, asked when it came in. Append-only; recorded with its revision.

    seen, expected, proposed: thousandths of the base unit. `expected` is what the figure was held against (the median
    of earlier values, the capacity, yesterday's stock + output - shipped), null for a streak; `proposed` is the likely
    value, where a slip of units explains the figure.
    """

    APPEND_ONLY = True

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="questions", verbose_name="修订")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name="产品")
    measure = models.CharField("指标", max_length=10, choices=Measure.choices)
    code = models.CharField("疑点", max_length=14, choices=QuestionCode.choices)
    seen = models.BigIntegerField("填报值")
    expected = models.BigIntegerField("对照值", null=True)
    proposed = models.BigIntegerField("建议值", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "疑点"
        constraints = [
            models.UniqueConstraint(fields=["revision", "product", "measure", "code"], name="question_unique")
        ]


class Confirmation(models.Model):
    """Somebody says, with a reason, that the figure asked about is right. Append-only; stays with its revision."""

    APPEND_ONLY = True

    question = models.OneToOneField(Question, models.PROTECT, related_name="confirmation", verbose_name="疑点")
    reason = models.CharField("理由", max_length=500)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="确认账号"
    )
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "疑点确认"
        constraints = [models.CheckConstraint(name="confirmation_reason", condition=~models.Q(reason=""))]
