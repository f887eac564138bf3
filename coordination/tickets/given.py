"""Reading what is given with a step: the same grammar for form and API, refusals by field."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from coordination.models import TicketCategory
from coordination.rules.transitions import Field, Step
from coordination.tickets import units
from enterprises.errors import FieldError, Invalid
from enterprises.models import Division, Organisation
from enterprises.rules import days
from enterprises.rules.exact_json import JsonNumber
from enterprises.rules.names import HIDING

MOST_ITEMS, LONGEST_ITEM = 20, 200
KEPT = "\n\t\u200d\ufe0f"
"""Line breaks, and what joins the parts of a picture character."""


def read(step: Step, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field name; a field that was not given is None (an empty list for lists).

    Refuses (all faults at once): required, unknown_field, invalid_text, too_long, invalid_choice, invalid_date.
    """
    faults: list[FieldError] = []
    known = {field.name for field in step.fields}
    for name in given:
        if name not in known:
            faults.append(FieldError(days.shown(str(name)), "unknown_field", f"“{step.word}”没有这一项。"))
    values = {}
    for field in step.fields:
        try:
            value = _one(field, given.get(field.name))
        except ValueError as fault:
            code, _, message = str(fault).partition("|")
            faults.append(FieldError(field.name, code, message))
            continue
        if field.is_required and value in (None, []):
            faults.append(FieldError(field.name, "required", f"请填写{field.word}。"))
        values[field.name] = value
    if faults:
        raise Invalid.of(faults)
    return values


def text(value: object, word: str, longest: int) -> str | None:
    """A text without outer space; None if empty. Raises ValueError("code|message")."""
    if value is None:
        return None
    if not isinstance(value, str) or isinstance(value, JsonNumber):
        raise ValueError(f"invalid_text|{word}要写成文字。")
    value = value.replace("\r\n", "\n").strip()
    if any(unicodedata.category(c) in HIDING for c in value if c not in KEPT):
        raise ValueError(f"invalid_text|{word}里有看不见的字符，请删去重填。")
    if len(value) > longest:
        raise ValueError(f"too_long|{word}最长 {longest} 个字，现有 {len(value)} 个。")
    return value or None


def _one(field: Field, value: object) -> Any:
    if field.kind in ("items", "organisations"):
        return _several(field, value)
    if field.kind == "day" and isinstance(value, dt.date):
        return value
    plain = text(value, field.word, field.longest)
    if plain is None:
        return None
    if field.kind in ("choice", "flag"):
        if plain not in dict(field.choices):
            raise ValueError(f"invalid_choice|{field.word}应为 {'、'.join(key for key, _ in field.choices)} 之一。")
        return plain
    if field.kind == "day":
        try:
            return days.written(plain)
        except ValueError as error:
            raise ValueError(f"invalid_date|{error}。") from None
    if field.kind == "division":
        return _division(plain)
    if field.kind == "category":
        return _category_of(plain)
    if field.kind == "organisation":
        return _organisation(plain)
    return plain


def _several(field: Field, value: object) -> list[Any]:
    if isinstance(value, str) and not isinstance(value, JsonNumber):
        value = value.splitlines()
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, JsonNumber):
        raise ValueError(f"invalid_text|{field.word}要写成列表。")
    if len(value) > MOST_ITEMS:
        raise ValueError(f"too_long|{field.word}最多 {MOST_ITEMS} 项。")
    found = [one for part in value if (one := text(part, field.word, LONGEST_ITEM)) is not None]
    return [_organisation(one) for one in found] if field.kind == "organisations" else found


def _category_of(code: str) -> TicketCategory:
    found = TicketCategory.objects.filter(pk=code).first()
    if found is None:
        raise ValueError("invalid_choice|没有这个问题类别。")
    return found


def _organisation(code: str) -> Organisation:
    found = units.named(code)
    if found is None:
        raise ValueError("invalid_choice|没有这个单位。")
    return found


def _division(code: str) -> Division:
    found = Division.objects.filter(code=code, is_reporting=True).first()
    if found is None:
        raise ValueError("invalid_choice|没有这个县市区。")
    return found
