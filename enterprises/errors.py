"""Refusals: the expected "no" of every act, with a stable code, a message for people, and the fields concerned.

Bugs are exceptions and stay loud; a Refused is an answer. One handler turns it into problem details for the API,
into messages on the form for people, and into rows of an error list for files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One reason: `field` is a path (lines[0].capacity, capacity, ""), `code` is stable, `message` is Chinese."""

    field: str
    code: str
    message: str


class Refused(Exception):
    """An act was not done, and nothing was stored. `status` is what HTTP calls it; `extra` goes into the answer."""

    status = 422
    code = "refused"
    message = "没有办成。"

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        field: str = "",
        errors: Iterable[FieldError] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.errors = list(errors) or [FieldError(field, self.code, self.message)]
        self.extra = extra or {}
        super().__init__(self.message)

    def __str__(self) -> str:
        return "；".join(e.message for e in self.errors)


class Invalid(Refused):
    """Figures or facts cannot be accepted as they stand."""

    code = "invalid"
    message = "有内容不能接受,请按提示修改。"

    @classmethod
    def of(cls, faults: Iterable[FieldError]) -> Invalid:
        """One refusal for all faults; faults of one kind give the whole their code."""
        errors = list(faults)
        kinds = {fault.code for fault in errors}
        message = errors[0].message if len(errors) == 1 else ""
        return cls(message, code=min(kinds) if len(kinds) == 1 else "", errors=errors)


class NotFound(Refused):
    """The object does not exist, or not for this account: the two are told apart by nobody."""

    status = 404
    code = "not_found"
    message = "没有找到。"


class Forbidden(Refused):
    """The account may see the thing but not do this."""

    status = 403
    code = "forbidden"
    message = "您的账号没有这项权限。"


class Conflict(Refused):
    """Somebody else was there first; nothing typed is lost (R6)."""

    status = 409
    code = "conflict"
    message = "内容已被他人更改。"


@contextmanager
def reading(field: str, code: str = "invalid") -> Iterator[None]:
    """Turn a rule's ValueError, whose text says what is wrong, into the refusal of a field."""
    try:
        yield
    except ValueError as error:
        raise Invalid(f"{str(error).rstrip('。')}。", code=code, field=field) from None
