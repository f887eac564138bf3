"""The query of an address: only the parameters an endpoint names, each once, each read strictly."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable

from django.http import QueryDict
from django.utils import timezone

from enterprises.errors import FieldError, Invalid
from enterprises.rules import days

LONGEST = 200
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters that a database refuses."""

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class Query:
    """Parameters by name. Every reader refuses (422) with the parameter as field; an empty value counts as not given."""

    def __init__(self, given: QueryDict, allowed: Collection[str]) -> None:
        faults = []
        for name, values in given.lists():
            shown = days.shown(name)
            if name not in allowed:
                known = f"可以用 {'、'.join(allowed)}。" if allowed else "这里没有参数。"
                faults.append(FieldError(shown, "unknown_parameter", f"没有参数“{shown}”。{known}"))
            elif len(values) > 1:
                faults.append(FieldError(shown, "duplicate_parameter", f"参数“{shown}”写了两次。"))
            elif UNSTORABLE.search(values[0]) or len(values[0]) > LONGEST:
                faults.append(FieldError(shown, "invalid_text", f"参数“{shown}”太长或有不能用的字符。"))
        if faults:
            raise Invalid.of(faults)
        self._given = {name: values[0].strip() for name, values in given.lists()}

    def text(self, name: str) -> str:
        """The text; empty if not given."""
        return self._given.get(name, "")

    def day(self, name: str) -> dt.date | None:
        """A day, YYYY-MM-DD only. Refuses invalid_date."""
        text = self.text(name)
        try:
            return days.iso(text) if text else None
        except ValueError as error:
            raise Invalid(f"{error}。", code="invalid_date", field=name) from None

    def required_day(self, name: str) -> dt.date:
        """A day that must be given. Refuses required, invalid_date."""
        day = self.day(name)
        if day is None:
            raise Invalid(f"要写参数 {name}，例如 {name}=2020-03-27。", code="required", field=name)
        return day

    def flag(self, name: str) -> bool:
        """true or false; false if not given. Refuses invalid_choice."""
        return self.choice(name, ("true", "false")) == "true"

    def choice(self, name: str, choices: Iterable[str]) -> str:
        """One of the words; empty if not given. Refuses invalid_choice."""
        text, known = self.text(name), list(choices)
        if text and text not in known:
            raise Invalid(f"{name} 应为 {'、'.join(known)} 之一。", code="invalid_choice", field=name)
        return text

    def choices(self, name: str, choices: Iterable[str]) -> list[str]:
        """Some of the words, separated by commas, each once. Refuses invalid_choice."""
        known, found = list(choices), [word for word in self.text(name).split(",") if word]
        if any(word not in known for word in found) or len(set(found)) < len(found):
            raise Invalid(f"{name} 应取自 {'、'.join(known)}，用逗号分开。", code="invalid_choice", field=name)
        return found

    def whole(self, name: str, *, default: int, lowest: int = 1) -> int:
        """A whole number of at most nine digits. Refuses invalid_number."""
        text = self.text(name)
        if not text:
            return default
        if not re.fullmatch("[0-9]{1,9}", text) or int(text) < lowest:
            raise Invalid(f"{name} 应为不小于 {lowest} 的整数。", code="invalid_number", field=name)
        return int(text)

    def moment(self, name: str) -> dt.datetime | None:
        """A moment with its offset; one yet to come means now. Refuses invalid_moment.

        A "+" that the client forgot to encode arrives as a space and is taken as what it was.
        """
        text = self.text(name)
        if not text:
            return None
        text = re.sub(r" (?=[0-9]{2}:[0-9]{2}$)", "+", text)
        try:
            if not _MOMENT.fullmatch(text):
                raise ValueError
            return min(dt.datetime.fromisoformat(text), timezone.now())
        except (ValueError, OverflowError):
            message = f"{name} 应为带时区的时间，例如 2020-03-27T09:00:00+08:00。"
            raise Invalid(message, code="invalid_moment", field=name) from None
