"""Many daily reports in one request; each is judged, stored and answered for itself (R5, R6, R19, R21)."""

from __future__ import annotations

import hashlib
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises.api.endpoint import Endpoint
from enterprises.api.problems import refusal
from enterprises.api.schema import parameter
from enterprises.errors import FieldError, Invalid, Refused
from supplies import tasks
from supplies.api.reports import file_one
from supplies.api.requests import IDEMPOTENCY, digest, key_of, visible
from supplies.api.serializers import BatchAnswer, BatchGiven
from supplies.daily_reports import Key

MOST = 500


class Batch(Endpoint):
    """File up to 500 reports. An item that is refused undoes no other; what was stored stays stored.

    Each item has the key it brings; without one, and with an Idempotency-Key on the request, a key by its place. So a
    request sent again answers for what was stored as before, and tries the rest anew.
    """

    abilities = {"POST": ("reports:write", "reports:on_behalf")}
    write_parameters = ("dry_run",)

    @extend_schema(
        operation_id="reports_batch",
        summary="一次提交多份日报",
        tags=["reports"],
        parameters=[parameter("dry_run", "true：照样逐份回答，不保存", bool), IDEMPOTENCY],
        request=BatchGiven,
        responses={200: BatchAnswer},
    )
    def post(self, request: Request) -> Response:
        body, dry_run = self.body(), self.query.flag("dry_run")
        items, whole = _items(body), key_of(request, body)
        rows = [self._answer(at, item, whole, dry_run=dry_run) for at, item in enumerate(items)]
        stored = sum(row["status"] == 201 and not row["replayed"] for row in rows)
        refused = sum("problem" in row for row in rows)
        if stored and not dry_run:
            tasks.hint()
        return Response(
            {"results": rows, "stored": stored, "repeated": len(rows) - stored - refused, "refused": refused}
        )

    def _answer(self, at: int, item: Any, whole: Key | None, *, dry_run: bool) -> dict[str, Any]:
        try:
            said, key = _keyed(at, item, whole)
            done = file_one(self.account, said, at=self.received_at, key=key, dry_run=dry_run)
        except Refused as refused:
            return {"index": at, "status": refused.status, "replayed": False, "problem": refusal(refused)}
        return {"index": at, "status": done.status, "replayed": done.is_replay, "report": done.answer}


def _items(body: Any) -> list[Any]:
    """The reports of a body; refuses what is no list of 1 to 500, and anything beside it."""
    faults: list[FieldError] = []
    if not isinstance(body, dict):
        raise Invalid.of([FieldError("", "invalid_type", "要写成 JSON 对象 { }。")])
    faults += [FieldError(str(name)[:40], "unknown_field", "只可以写 reports。") for name in body if name != "reports"]
    items = body.get("reports")
    if items is None:
        faults.append(FieldError("reports", "required", "这一项要写。"))
    elif not isinstance(items, list):
        faults.append(FieldError("reports", "invalid_type", "要写成 JSON 数组 [ ]。"))
    elif not items:
        faults.append(FieldError("reports", "required", "至少一份日报。"))
    elif len(items) > MOST:
        faults.append(FieldError("reports", "too_many", f"一次最多 {MOST} 份。"))
    if faults:
        raise Invalid.of(faults[:20])
    assert isinstance(items, list)
    return items


def _keyed(at: int, item: Any, whole: Key | None) -> tuple[Any, Key | None]:
    """A report and its key: its own one, the same as if it had been sent alone, or one by its place."""
    if not isinstance(item, dict) or "key" not in item:
        place = hashlib.sha256(f"{whole.text}\n{at}".encode()).hexdigest() if whole is not None else ""
        return item, Key(f"batch:{place}", digest("batch", item)) if whole is not None else None
    said = {name: value for name, value in item.items() if name != "key"}
    text = item["key"]
    if type(text) is not str:
        raise Invalid("要写成文字。", code="invalid_type", field="key")
    return said, Key(visible(text, "key"), digest(reverse("api:reports"), said))
