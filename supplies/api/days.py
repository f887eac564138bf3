"""Closing days and opening them again, for other people's programs (R13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises import access as ground_access
from enterprises.api.endpoint import Endpoint
from enterprises.errors import FieldError, Invalid, NotFound
from enterprises.rules import days
from enterprises.rules.exact_json import JsonNumber
from supplies import closings
from supplies.api import day_schemas as schemas
from supplies.api.requests import IDEMPOTENCY, answered, key_of
from supplies.choices import SnapshotKind


class Closing(Endpoint):
    """Freeze a day (flash), or freeze and close it (final)."""

    abilities = {"POST": ("days:close",)}

    @extend_schema(
        operation_id="days_close", summary="初报、终报", tags=["days"], parameters=[IDEMPOTENCY],
        request=schemas.ClosingGiven, responses={201: schemas.ClosingRow},
    )  # fmt: skip
    def post(self, request: Request, date: str) -> Response:
        day, said = day_of(date), fields(self.body(), ("kind",), required=("kind",))
        if said["kind"] not in SnapshotKind.values:
            message = f"kind 应为 {'、'.join(SnapshotKind.values)} 之一。"
            raise Invalid(message, code="invalid_choice", field="kind")
        return answered(closings.close(actor=self.account, day=day, kind=said["kind"], key=key_of(request, said)))


class Reopening(Endpoint):
    """Let one enterprise file a closed day again until a moment."""

    abilities = {"POST": ("days:close",)}

    @extend_schema(
        operation_id="days_reopen", summary="重新开放", tags=["days"], parameters=[IDEMPOTENCY],
        request=schemas.ReopeningGiven, responses={201: schemas.ReopeningRow},
    )  # fmt: skip
    def post(self, request: Request, date: str) -> Response:
        names = ("enterprise", "reason", "until")
        day, said = day_of(date), fields(self.body(), names, required=names)
        until = moment_of(said["until"], "until")
        enterprise = ground_access.enterprise(self.account, said["enterprise"], "days:close")
        done = closings.reopen(
            actor=self.account,
            day=day,
            enterprise=enterprise,
            reason=said["reason"],
            until=until,
            key=key_of(request, said),
        )
        return answered(done)


def day_of(text: str) -> dt.date:
    """The day of an address; one that is none is not found."""
    try:
        return days.iso(text)
    except ValueError:
        raise NotFound("没有这一天。", field="date") from None


def moment_of(text: str, field: str) -> dt.datetime:
    """A moment with its offset; refuses invalid_moment."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1900 < moment.year < 9000:
        raise Invalid("时间要带时区，例如 2020-03-28T12:00:00+08:00。", code="invalid_moment", field=field)
    return moment


def fields(body: object, known: tuple[str, ...], *, required: tuple[str, ...]) -> dict[str, str]:
    """The texts of a small body; every fault of its shape at once."""
    if not isinstance(body, dict):
        raise Invalid("要写成 JSON 对象 { }。", code="invalid_type", field="")
    faults: list[FieldError] = []
    said: dict[str, str] = {}
    for name, value in body.items():
        if name not in known:
            shown = days.shown(name)
            faults.append(FieldError(shown, "unknown_field", f"没有“{shown}”这一项；可以写 {'、'.join(known)}。"))
        elif not is_text(value):
            faults.append(FieldError(name, "invalid_type", "要写成文字。"))
        else:
            said[name] = value.strip()
    for name in required:
        if name not in body or said.get(name) == "":
            faults.append(FieldError(name, "required", "这一项要写。"))
    if faults:
        raise Invalid.of(faults)
    return {name: said.get(name, "") for name in known}


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, JsonNumber)
