"""Whatever JSON comes in, it is read or refused by field, code and reason; nothing else happens (reliability I1-I5)."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from enterprises.api import parsers
from enterprises.errors import FieldError, Refused
from supplies.api import shapes
from supplies.rules.figures import Owed, Statement, Terms, check

TERMS = {"M": Terms("口罩", "只", ("capacity", "output"), {"只": (1, 1)})}
VALID: dict[str, Any] = {
    "enterprise": "91999911MA00001033",
    "date": "2020-03-27",
    "state": "running",
    "staff_due": 5,
    "staff_on_duty": "4",
    "note": "x",
    "limits": [{"reason": "material", "product": "M", "lost": 1}],
    "lines": [{"product": "M", "capacity": 1, "output": "2.5", "unit": "只"}],
    "based_on": 1,
    "confirmations": [{"product": "M", "measure": "output", "question": "jump", "reason": "y"}],
    "on_behalf": {"caller": "王", "reason": "z"},
}
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*VALID, "x", ""]) | st.text(), inner),
    max_leaves=12,
)


def outcome(body: Any) -> Statement | list[FieldError]:
    """What the channel and the rules make of a body."""
    raw = json.dumps(body).encode()
    try:
        return check(shapes.submission(parsers.read(raw)).form, owed=Owed(("M",)), terms=TERMS)
    except Refused as refused:
        return refused.errors


@given(values)
@example({})
@example([])
@example({"lines": [None, [], {"product": {}}], "limits": {"a": 1}, "on_behalf": [], "confirmations": 5})
def test_any_json_is_read_or_refused_with_reasons(body: Any) -> None:
    told = outcome(body)
    assert isinstance(told, Statement) or all(fault.code and fault.message for fault in told)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [deeper for key, below in inner for deeper in places(below, (*path, key))]


@given(st.sampled_from(places(VALID)), values)
def test_one_wrong_value_in_a_right_body_is_named_where_it_stands(path: tuple[Any, ...], value: Any) -> None:
    body = copy.deepcopy(VALID)
    assert isinstance(outcome(body), Statement)
    at = body
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    told = outcome(body)
    if not isinstance(told, Statement):
        root = str(path[0])
        # a figure that is gone shows as a line or measure that is missing, in the same part of the body
        assert all(fault.field == "" or fault.field.startswith(root) for fault in told), (path, value, told)


@given(st.text(min_size=1, max_size=12).filter(lambda name: name not in shapes.REPORT))
def test_a_field_that_does_not_exist_is_refused_r19(name: str) -> None:
    told = outcome({**VALID, name: 1})
    assert isinstance(told, list)
    assert {fault.code for fault in told} <= {"unknown_field", "invalid_text"}


def test_names_some_of_very_many_unknown_fields_r19() -> None:
    told = outcome({**VALID, **{f"k{at}": 1 for at in range(10_000)}})
    assert isinstance(told, list)
    assert [fault.field for fault in told] == [f"k{at}" for at in range(shapes.MOST_STRANGERS)]


@given(st.binary(max_size=60) | st.text('{}[]":,0123456789.eE-+ntf\\u ', max_size=40).map(str.encode))
@example(b"[" * 5000)
@example(b'{"a":' * 5000)
@example(b'"\\ud800"')
@example(b"1e99999999999")
@example(b"-" + b"9" * 20_000)
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    assert verdict(raw) in {"json", "invalid_text", "not_json", "too_deep", "duplicate_key"}


def verdict(raw: bytes) -> object:
    try:
        parsers.read(raw)
    except Refused as refused:
        return refused.code
    except parsers.ParseError as error:
        return error.get_codes()
    return "json"
