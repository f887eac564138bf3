"""The morning sheet: what changed overnight, and which certificates run out this week with how much capacity on them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from enterprises.models import Account, Certificate
from enterprises.rules import expiry
from supplies import change_sheets, coverage, day_state, filing_progress, products, reporting_settings
from supplies.change_sheets import ChangeSheet
from supplies.choices import Measure
from supplies.day_state import Pair
from supplies.frames import Outlook
from supplies.models import CertificateProduct
from supplies.rules.catalogue import Catalogue
from supplies.rules.provenance import Provenance

A_DAY = dt.timedelta(days=1)
AHEAD = 7
"""Days ahead for which certificates are looked at."""
MEASURES = (Measure.CAPACITY.value, Measure.OUTPUT.value)
COUNTED = ("reported", "carried")


@dataclass(frozen=True)
class Lapse:
    """A product of an enterprise that is licensed today and will not be from `lapses_on` on, unless something is filed.

    capacity = what it adds to the licensed capacity of the sheet's day, in thousandths of the unit.
    """

    name: str
    uscc: str
    division: str
    product: str
    product_name: str
    unit: str
    capacity: int
    certificate: str
    lapses_on: dt.date
    days_left: int


@dataclass(frozen=True)
class Hanging:
    """All capacity of one product that lapses within the week."""

    product_name: str
    unit: str
    enterprises: int
    capacity: int
    licensed: int


@dataclass(frozen=True)
class MorningSheet:
    """What the leader reads first; changes of capacity, then of output.

    `was` and `now`: who had reported at the cut-off, and by now (R4, R12, R14).
    """

    day: dt.date
    since: dt.datetime
    was: Provenance
    now: Provenance
    changes: tuple[ChangeSheet, ...]
    lapses: tuple[Lapse, ...]
    hanging: tuple[Hanging, ...]
    questions: int

    @property
    def is_changed(self) -> bool:
        return any(sheet.products for sheet in self.changes)

    @property
    def came(self) -> int:
        """Enterprises that reported since the cut-off."""
        return self.now.reported - self.was.reported


def sheet(outlook: Outlook, account: Account) -> MorningSheet:
    """The sheet of the day asked for, else of yesterday. The caller has asked for sources:read.

    A fixed number of queries. Refuses: forbidden as change_sheets.sheet does.
    """
    day = outlook.day or outlook.today - A_DAY
    now = timezone.now()
    node, tree = outlook.node.code, outlook.tree
    settings = reporting_settings.on(day, tree=tree)
    cut_offs = [held.cut_off_at for leaf, held in settings.items() if tree.covers(node, leaf)]
    since = min(max(cut_offs, default=now), now)
    catalogue = products.catalogue(day)
    pairs = list(day_state.pairs(day, divisions=tree.leaves(node)))
    lapses = sorted(_lapses(outlook, day, pairs, catalogue), key=lambda one: (one.lapses_on, -one.capacity, one.name))
    return MorningSheet(
        day=day,
        since=since,
        was=filing_progress.counts(coverage.on(node=node, day=day, at=since)),
        now=filing_progress.counts(coverage.on(node=node, day=day)),
        changes=change_sheets.sheets(replace(outlook, day=day), account, measures=MEASURES, since=since.isoformat()),
        lapses=tuple(lapses),
        hanging=tuple(_hanging(lapses, pairs)),
        questions=sum(pair.questions for pair in pairs),
    )


def _lapses(outlook: Outlook, day: dt.date, pairs: Iterable[Pair], catalogue: Catalogue) -> list[Lapse]:
    """Products licensed today by certificates of which none licenses on some day of the week to come (R18)."""
    making = {
        (pair.enterprise_id, pair.product_id): pair
        for pair in pairs
        if pair.kind in COUNTED and pair.capacity and pair.product_id in catalogue
    }
    named = {row.pk: (row, name) for row, name in coverage.named({e for e, _ in making}, day, None)}
    found = []
    for key, held in _certificates(making, catalogue).items():
        lapses_on = _lapse(held, outlook.today)
        if lapses_on is None:
            continue
        pair = making[key]
        entry = catalogue[key[1]]
        enterprise, name = named[pair.enterprise_id]
        last = max((c for c in held if c.valid_to), key=lambda c: c.valid_to or dt.date.min)
        found.append(
            Lapse(
                name=name,
                uscc=enterprise.uscc,
                division=outlook.tree[pair.division_id].name if pair.division_id in outlook.tree else "",
                product=entry.code,
                product_name=entry.name,
                unit=entry.base_unit,
                capacity=pair.capacity or 0,
                certificate=f"{last.kind} {last.number}",
                lapses_on=lapses_on,
                days_left=(lapses_on - outlook.today).days,
            )
        )
    return found


def _certificates(
    making: Mapping[tuple[int, str | None], Pair], catalogue: Catalogue
) -> dict[tuple[int, str], list[Certificate]]:
    """Certificates that count for what is made, of the kinds the product asks for. One query."""
    rows = CertificateProduct.objects.believed().filter(
        certificate__enterprise__in={enterprise for enterprise, _ in making}, certificate__known_until__isnull=True
    )
    found: dict[tuple[int, str], list[Certificate]] = defaultdict(list)
    for row in rows.select_related("certificate").order_by("certificate__valid_to", "id"):
        key = (row.certificate.enterprise_id, row.product_id)
        if key in making and row.certificate.kind in catalogue[row.product_id].certificate_kinds:
            found[key].append(row.certificate)
    return found


def _lapse(held: list[Certificate], today: dt.date) -> dt.date | None:
    """The first day within the week on which none of the certificates licenses; None if today's holds, or none did today."""
    licensed = [
        any(
            expiry.licenses(today + A_DAY * ahead, valid_from=c.valid_from, valid_to=c.valid_to, status=c.status)
            for c in held
        )
        for ahead in range(AHEAD + 1)
    ]
    if not licensed[0] or all(licensed):
        return None
    return today + A_DAY * licensed.index(False)


def _hanging(lapses: list[Lapse], pairs: Iterable[Pair]) -> list[Hanging]:
    licensed: Counter[str | None] = Counter()
    for pair in pairs:
        if pair.kind in COUNTED and pair.licensed:
            licensed[pair.product_id] += pair.capacity or 0
    by_product: dict[tuple[str, str, str], list[Lapse]] = defaultdict(list)
    for one in lapses:
        by_product[one.product, one.product_name, one.unit].append(one)
    return [
        Hanging(name, unit, len({one.uscc for one in said}), sum(one.capacity for one in said), licensed[code])
        for (code, name, unit), said in by_product.items()
    ]
