"""Short texts as acts take them: cleaned, required or not, refused by field."""

from __future__ import annotations

import datetime as dt
import re

from django.utils import timezone

from enterprises.errors import Invalid, reading
from enterprises.rules import days, names

PHONE = re.compile(r"[0-9+][0-9 \-()（）转]{4,29}")


def line(text: str | None, field: str, word: str, longest: int, *, is_required: bool = True) -> str:
    """One line of text. Refuses: required, invalid (hidden characters, too long)."""
    with reading(field):
        found = names.clean(text or "", what=word, longest=longest)
    if is_required and not found:
        raise Invalid(f"请填写{word}。", code="required", field=field)
    return found


def phone(text: str | None, field: str = "phone", *, is_required: bool = True) -> str:
    """A phone number as people write it. Refuses: required, invalid_phone."""
    found = line(text, field, "电话", 30, is_required=is_required)
    if found and not PHONE.fullmatch(found):
        raise Invalid("电话应由数字组成，例如 0595-12345678。", code="invalid_phone", field=field)
    return found


def day(text: str | dt.date | None, field: str, word: str) -> dt.date:
    """A day. Refuses: required, invalid_date."""
    if isinstance(text, dt.date):
        return text
    if not (text or "").strip():
        raise Invalid(f"请填写{word}。", code="required", field=field)
    with reading(field, "invalid_date"):
        return days.written(text or "")


def moment(text: str | dt.datetime | None, field: str, word: str) -> dt.datetime:
    """A moment of the city, "2026-11-30 08:00" or as a browser's field sends it. Refuses: required, invalid_moment."""
    if isinstance(text, dt.datetime):
        return text
    plain = (text or "").strip().replace("T", " ")
    if not plain:
        raise Invalid(f"请填写{word}。", code="required", field=field)
    found = re.fullmatch(r"(\S+) ([0-9]{1,2})[:：]([0-9]{2})(?:[:：]00)?", plain)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        raise Invalid(f"{word}应写作 2026-11-30 08:00。", code="invalid_moment", field=field)
    with reading(field, "invalid_moment"):
        on = days.written(found[1])
    return dt.datetime.combine(on, dt.time(int(found[2]), int(found[3])), timezone.get_default_timezone())
