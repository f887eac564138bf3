"""Certificates and licences with their validity. Which product one counts for lies upstairs (CertificateProduct)."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from enterprises.choices import CertificateStatus
from enterprises.models.enterprise import Enterprise
from enterprises.models.fact import Fact


class Certificate(Fact):
    """A certificate an enterprise holds; its last day (有效期至) counts. Without a last day it does not run out."""

    IDENTITY = ("enterprise", "kind", "number")
    MOVES_TOTALS = True

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="certificates", verbose_name="企业")
    kind = models.CharField("证照类型", max_length=50)
    number = models.CharField("证号", max_length=100)
    valid_from = models.DateField("有效期自")
    valid_to = models.DateField("有效期至", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=CertificateStatus.choices, default=CertificateStatus.VALID)

    class Meta:
        verbose_name = verbose_name_plural = "资质证照"
        constraints = [
            models.CheckConstraint(
                name="certificate_period", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            )
        ]

    def days(self) -> tuple[dt.date, dt.date | None]:
        return self.valid_from, self.valid_to
