"""Production lines. What a line makes, and how much, lies upstairs (supplies.LineProduct)."""

from django.db import models

from enterprises.choices import LineState, StartKind
from enterprises.models.enterprise import Enterprise
from enterprises.models.fact import SpanFact, span_ordered


class ProductionLine(models.Model):
    """One line of an enterprise, named as the enterprise names it."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="lines", verbose_name="企业")
    name = models.CharField("产线名称", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "生产线"
        ordering = ["enterprise", "name"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="production_line_unique")]

    def __str__(self) -> str:
        return self.name


class LineFact(SpanFact):
    """State of a line on given days, and when it is expected to run."""

    IDENTITY = ("line", "starts_on")

    line = models.ForeignKey(ProductionLine, models.PROTECT, related_name="facts", verbose_name="生产线")
    state = models.CharField("状态", max_length=12, choices=LineState.choices)
    start_kind = models.CharField("投产方式", max_length=12, choices=StartKind.choices, blank=True)
    expected_on = models.DateField("预计投产", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "产线状态"
        constraints = [span_ordered("line_fact_span")]
