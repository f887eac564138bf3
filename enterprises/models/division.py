"""Divisions: province, city, counties and functional zones, as a dated tree (R15)."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models

from enterprises.choices import DivisionLevel
from enterprises.models.fact import FactQuerySet, SpanFact, span_ordered
from enterprises.rules.division_tree import Node, Tree


class Division(models.Model):
    """One administrative unit or functional zone, for ever; its name and place in the tree are facts.

    Only a reporting unit (a leaf: county, functional zone, the city's own) holds enterprises.
    """

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    level = models.CharField("层级", max_length=10, choices=DivisionLevel.choices)
    is_reporting = models.BooleanField("填报单位", default=False, help_text="企业只落在填报单位上")

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class DivisionFactQuerySet(FactQuerySet):
    def tree(self, day: dt.date, at: dt.datetime | None = None) -> Tree:
        """The tree of `day` as known at `at` (None: as known now). One query."""
        facts = self.believed(at).on(day).select_related("division")
        return Tree.of(
            Node(f.division_id, f.name, f.division.level, f.parent_id, f.division.is_reporting) for f in facts
        )


class DivisionFact(SpanFact):
    """Name and parent of a division on given days; the tree of day D as known at T."""

    IDENTITY = ("division", "starts_on")
    MOVES_TOTALS = True

    division = models.ForeignKey(Division, models.PROTECT, related_name="facts", verbose_name="区划")
    name = models.CharField("名称", max_length=100)
    parent = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上级")

    objects: ClassVar[Any] = DivisionFactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划沿革"
        constraints = [span_ordered("division_fact_span")]
