"""Why a number changed, laid out to be read: from, cause by cause, to, and the enterprises behind each part (R13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from enterprises.errors import Forbidden, Invalid
from enterprises.models import Account
from supplies import closings, products, total_cells, total_changes
from supplies.choices import Measure, SnapshotKind
from supplies.frames import Outlook
from supplies.models import Snapshot
from supplies.rules.total_changes import CAUSES
from supplies.total_changes import Change, Decomposition
from supplies.total_tables import reaches

MEASURES = {
    **{m.value: m.label for m in (Measure.CAPACITY, Measure.OUTPUT, Measure.STOCK, Measure.SHIPPED)},
    "expected": "应报家数",
    "reported": "已报家数",
}
COUNTED = ("expected", "reported")
KINDS = {"reported": "已报", "carried": "沿用", "stale": "失效", "never": "从未报", "": "无"}


@dataclass(frozen=True)
class Behind:
    """One enterprise in a part: what it added before and after; `None` = nothing. Figures as of the product's unit."""

    uscc: str
    name: str
    was: int | None
    now: int | None
    difference: int
    was_kind: str
    now_kind: str
    was_revision: int | None
    now_revision: int | None


@dataclass(frozen=True)
class Part:
    """All that one cause did to the figure."""

    cause: str
    label: str
    difference: int
    behind: tuple[Behind, ...]


@dataclass(frozen=True)
class Bar:
    """One bar of the waterfall; places in tenths of a percent of the drawing's width."""

    label: str
    left: int
    width: int
    end: int
    look: str
    amount: int

    @property
    def is_whole(self) -> bool:
        return self.look == "tall"


@dataclass(frozen=True)
class Product:
    """One product whose figures changed or were chosen."""

    code: str
    name: str
    unit: str
    was: int
    now: int
    parts: tuple[Part, ...]
    bars: tuple[Bar, ...]

    @property
    def difference(self) -> int:
        return self.now - self.was

    @property
    def summed(self) -> int:
        """What the parts lead to; the page shows that it is `now`."""
        return self.was + sum(part.difference for part in self.parts)


@dataclass(frozen=True)
class ChangeSheet:
    """What the page says. `missing` = the snapshot asked for does not exist: nothing to compare with."""

    day: dt.date
    measure: str
    was_at: dt.datetime | None
    was_word: str
    now_at: dt.datetime | None
    products: tuple[Product, ...]
    unchanged: int
    names: tuple[tuple[str, str], ...]
    traces: bool
    missing: str = ""
    moved: tuple[tuple[str, str], ...] = ()
    """Measures that changed, whichever is shown."""

    @property
    def measure_name(self) -> str:
        return str(MEASURES[self.measure])

    @property
    def is_count(self) -> bool:
        return self.measure in COUNTED


@dataclass(frozen=True)
class SinceClose:
    """A closed day: when its latest final snapshot was taken, and the product groups that say something else now."""

    closed_at: dt.datetime
    changed: tuple[str, ...]


def since_close(node: str, day: dt.date) -> SinceClose | None:
    """What of a division's day is not as it was closed; None where the day is open. Two queries on an open day."""
    finals = closings.snapshots.latest(SnapshotKind.FINAL, day, day)
    if day not in finals:
        return None
    kept = {(c.key, c.unit): c for c in closings.snapshots.cells(finals, nodes=[node], grain="group")}
    now = {(c.key, c.unit): c for c in total_cells.cells(nodes=[node], first=day, last=day, grain="group")}
    keys = [ident[0] for ident in sorted(kept.keys() | now.keys()) if kept.get(ident) != now.get(ident)]
    names = products.catalogue(day).groups
    return SinceClose(finals[day].as_of, tuple(names.get(key, key) for key in keys))


def sheet(
    outlook: Outlook, account: Account, *, product: str = "", measure: str = "", since: str = "", until: str = ""
) -> ChangeSheet:
    """The change of a measure in the outlook's division and day, product by product.

    Takes: since = final (default), flash or a moment; until = now (default) or a moment; product "" = all.
    Refuses: unknown_product, invalid_measure, invalid_moment, reversed, forbidden (who may not see sources, where
    small cells are hidden: one change may be one enterprise).
    """
    (found,) = sheets(
        outlook, account, product=product, measures=[measure or Measure.CAPACITY.value], since=since, until=until
    )
    return found


def sheets(
    outlook: Outlook, account: Account, *, measures: Sequence[str], product: str = "", since: str = "", until: str = ""
) -> tuple[ChangeSheet, ...]:
    """The same of several measures, decomposed once. Takes and refuses what `sheet` does."""
    day = outlook.leading_day
    catalogue = products.catalogue(day)
    if product and product not in catalogue:
        raise Invalid("目录里没有这种产品。", code="unknown_product", field="product")
    if not set(measures) <= set(MEASURES):
        raise Invalid("没有这个指标。", code="invalid_measure", field="measure")
    traces = reaches(account, "sources:read", outlook.node.code, outlook.tree)
    if settings.SMALL_CELL and not traces:
        raise Forbidden("一处变化可能出自单个企业，您没有查看来源的权限。")
    names = tuple((code, entry.name) for code, entry in catalogue.entries.items())
    word, was_at = _since(day, since or SnapshotKind.FINAL.value)
    now_at = None if until in ("", "now") else min(read_moment(until, "to"), timezone.now())
    if was_at is None:
        missing = f"这一天还没有{word}"
        return tuple(ChangeSheet(day, m, None, word, now_at, (), 0, names, traces, missing) for m in measures)
    if now_at is not None and now_at < was_at:
        raise Invalid("开始的时刻不能晚于结束的时刻。", code="reversed", field="from")
    found = total_changes.between(
        node=outlook.node.code, day=day, was_at=was_at, now_at=now_at, products=[product] if product else None
    )
    order = {code: at for at, code in enumerate(catalogue.entries)}
    moved = tuple((k, str(w)) for k, w in MEASURES.items() if any(k in p for one in found for p in one.parts.values()))
    told = []
    for measure in measures:
        shown = [
            _product(one, catalogue[one.product].name, catalogue[one.product].base_unit, measure, word)
            for one in found
            if one.product in catalogue and (product or any(measure in part for part in one.parts.values()))
        ]
        shown.sort(key=lambda p: order[p.code])
        # what appears here must not be more than the sources show (R22)
        kept = tuple(shown if traces else [_veiled(one) for one in shown])
        unchanged = len(found) - len(shown)
        told.append(ChangeSheet(day, measure, was_at, word, now_at, kept, unchanged, names, traces, moved=moved))
    return tuple(told)


def _since(day: dt.date, text: str) -> tuple[str, dt.datetime | None]:
    if text in SnapshotKind.values:
        frozen: Snapshot | None = closings.snapshots.latest(text, day, day).get(day)
        return str(SnapshotKind(text).label), frozen.as_of if frozen is not None else None
    return "当时", min(read_moment(text, "from"), timezone.now())


def read_moment(text: str, field: str) -> dt.datetime:
    """A moment of an address: with its offset, or as a form writes it in Asia/Shanghai. Refuses invalid_moment."""
    try:
        read = dt.datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
    except ValueError:
        read = None
    if read is None or not 1900 < read.year < 9000:
        raise Invalid("时刻要写成 2020-03-28T09:00 这样。", code="invalid_moment", field=field)
    return read if read.tzinfo is not None else timezone.make_aware(read)


def _product(one: Decomposition, name: str, unit: str, measure: str, word: str) -> Product:
    parts = tuple(
        Part(code, label, one.parts[code][measure], tuple(_behind(one, code, measure)))
        for code, label in CAUSES.items()
        if measure in one.parts.get(code, {})
    )
    was, now = one.was[measure] or 0, one.now[measure] or 0
    return Product(
        one.product, name, "家" if measure in COUNTED else unit, was, now, parts, _bars(was, now, parts, word)
    )


def _behind(one: Decomposition, cause: str, measure: str) -> list[Behind]:
    rows = [_row(c, measure) for c in one.changes if c.causes.get(measure) == cause]
    return sorted(rows, key=lambda row: (-abs(row.difference), row.name))


def _row(change: Change, measure: str) -> Behind:
    return Behind(
        change.uscc,
        change.name,
        change.was.figure(measure),
        change.now.figure(measure),
        change.differences[measure],
        KINDS.get(change.was.kind, change.was.kind),
        KINDS.get(change.now.kind, change.now.kind),
        change.was_revision,
        change.now_revision,
    )


def _bars(was: int, now: int, parts: tuple[Part, ...], word: str) -> tuple[Bar, ...]:
    """The waterfall: the old figure, each part where the one before ended, the new figure. Whole numbers only."""
    ends, level = [], was
    for part in parts:
        ends.append((part, level, level + part.difference))
        level += part.difference
    points = [0, was, now, *(end for _, _, end in ends)]
    low, high = min(points), max(points)
    span = (high - low) or 1

    def at(value: int) -> int:
        return (value - low) * 1000 // span

    def bar(label: str, a: int, b: int, look: str, amount: int) -> Bar:
        left, right = sorted((at(a), at(b)))
        return Bar(label, left, max(right - left, 3), at(b), look, amount)

    return (
        bar(word, 0, was, "tall", was),
        *(bar(p.label, a, b, "more" if b > a else "less", p.difference) for p, a, b in ends),
        bar("现在", 0, now, "tall", now),
    )


def _veiled(one: Product) -> Product:
    parts = tuple(Part(p.cause, p.label, p.difference, ()) for p in one.parts)
    return Product(one.code, one.name, one.unit, one.was, one.now, parts, one.bars)
