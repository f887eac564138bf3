"""Seals: what was recorded on a day, as one number that hangs on the number of the day before."""

from django.db import models


class Seal(models.Model):
    """The digest over the audit entries and ticket events up to the end of a day since the seal before. Append-only.

    The first seal covers all that came before it. `form` says which columns were sealed, so that a new column later does
    not break the chain.
    """

    APPEND_ONLY = True

    day = models.DateField("日", unique=True)
    form = models.PositiveSmallIntegerField("口径版本")
    entries = models.PositiveIntegerField("审计记录数")
    events = models.PositiveIntegerField("经过数")
    previous = models.CharField("前一日封印", max_length=64, blank=True)
    digest = models.CharField("封印", max_length=64)
    made_at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = verbose_name_plural = "封印"
        ordering = ["-day"]

    @property
    def short(self) -> str:
        """As it is printed and read aloud: the first sixteen digits in fours."""
        return " ".join(self.digest[at : at + 4] for at in range(0, 16, 4))
