"""The seal at the foot of a sheet; other storeys' templates take it from here without knowing the desk."""

from __future__ import annotations

from django import template

from coordination import seals
from coordination.models import Seal

register = template.Library()


@register.simple_tag
def latest_seal() -> Seal | None:
    """The last day's seal; None before there is one."""
    return seals.latest()
