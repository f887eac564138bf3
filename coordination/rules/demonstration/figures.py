"""The figures of every day: capacity from the lines, output that adds up to the published totals, stock that flows.

What happens is computed for every day, filed or not; only what is filed counts. Outputs are scaled so that the counted
ones, with the openings, make the published cumulative output exactly: first by one common factor, then, for what
rounding leaves, by one quantum each for as many reports as it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coordination.rules.demonstration import LAST, TODAY, dice
from coordination.rules.demonstration.filings import Filings
from coordination.rules.demonstration.makers import EXEMPTION, HALT, MASKS, SUITS, Maker

CUMULATIVE = {MASKS: 180_000_000, SUITS: 508_000}
WORKSHOP_DAY, WORKSHOP_OUTPUT = 50, 1_680
MATERIAL = "MAT_SB"
GRAMS_PER_MASK = 16
"""Tenths of a gram of spunbond nonwoven in one mask."""

Cell = tuple[int, str, int]
"""(number of the enterprise, product, day)."""


@dataclass(frozen=True)
class Figures:
    """One line of a report in whole base units; None = not asked for."""

    capacity: int | None = None
    output: int | None = None
    stock: int | None = None
    shipped: int | None = None
    received: int | None = None
    used: int | None = None


@dataclass(frozen=True)
class Course:
    """Figures by cell; `factor` is the common one the outputs were scaled by, in millionths, by kind."""

    figures: dict[Cell, Figures]
    factor: dict[str, int]

    def of(self, maker: Maker, day: int) -> dict[str, Figures]:
        """What the enterprise says on the day, by product."""
        listed = [p for p, first in maker.products.items() if first <= day]
        if maker.material and day >= maker.joins:
            listed.append(MATERIAL)
        return {p: self.figures[maker.number, p, day] for p in listed if (maker.number, p, day) in self.figures}


def quantum(product: str) -> int:
    """The piece to which outputs are rounded by those who report them."""
    if product.startswith((MASKS, "GLOVE", "SWAB", "WIPES", "DIS_HAND")):
        return 100
    return 10


def course(makers: Sequence[Maker], filings: Filings) -> Course:
    """The figures of all days, the living one included."""
    capacity: dict[Cell, int] = {}
    wished: dict[Cell, float] = {}
    fixed: dict[Cell, int] = {}
    for maker in makers:
        _wishes(maker, filings, capacity, wished, fixed)
    outputs = dict(fixed)
    factors: dict[str, int] = {}
    for kind in (MASKS, SUITS):
        cells = {c: w for c, w in wished.items() if c[1].startswith(kind)}
        made, factors[kind] = _scaled(kind, makers, filings, cells, fixed, capacity)
        outputs |= made
    for cell, wish in wished.items():
        if cell not in outputs:
            outputs[cell] = _rounded(wish, cell, capacity)
    figures: dict[Cell, Figures] = {}
    for maker in makers:
        _flows(maker, capacity, outputs, figures)
    return Course(figures, factors)


def as_first_filed(figures: dict[str, Figures], number: int, day: int) -> dict[str, Figures]:
    """The figures before they were corrected: one output a little off, and with it the stock."""
    product = next((p for p, f in figures.items() if f.output), None)
    if product is None:
        return figures
    right, step = figures[product], quantum(product)
    off = (step if (number + day) % 2 else -step) * (2 + (number * day) % 7)
    assert right.output is not None
    assert right.stock is not None
    if right.output + off < 0 or right.stock + off < 0:
        off = abs(off)
    return {**figures, product: replace(right, output=right.output + off, stock=right.stock + off)}


def _wishes(
    maker: Maker, filings: Filings, capacity: dict[Cell, int], wished: dict[Cell, float], fixed: dict[Cell, int]
) -> None:
    """Capacity, and the output each cell would like before scaling; fixed ones are not scaled."""
    rng = dice(1000 + maker.number)
    zeal = rng.uniform(0.84, 0.98)
    for day in range(maker.joins, TODAY + 1):
        filing = filings.get((maker.number, day))
        closed = (maker.part == "halted" and day in HALT) or (maker.part == "exempted" and day in EXEMPTION)
        for place, (product, first) in enumerate(maker.products.items()):
            noise, bonus = rng.uniform(0.95, 1.05), rng.uniform(1.02, 1.09)
            if day < first:
                continue
            cell = maker.number, product, day
            rated = maker.rated(product, day)
            capacity[cell] = 0 if closed else rated
            seasoned = sum(
                line.rated * (1.0 if not line.starts else min(1.0, 0.68 + 0.11 * (day - line.starts)))
                for line in maker.lines
                if line.product == product and line.starts <= day
            )
            share = (0.58, 0.36)[place] if maker.pool else 1.0
            wished[cell] = seasoned * zeal * noise * share * (0.62 if filing and filing.limited else 1.0)
            if closed:
                fixed[cell] = 0
            elif maker.part == "clean_workshop" and day == WORKSHOP_DAY:
                fixed[cell] = WORKSHOP_OUTPUT
            elif filing and filing.above and place == 0 and not maker.pool:
                step = quantum(product)
                fixed[cell] = int(rated * bonus) // step * step + step


def _rounded(wish: float, cell: Cell, capacity: dict[Cell, int]) -> int:
    step = quantum(cell[1])
    return min(int(wish) // step * step, capacity[cell] // step * step)


def _scaled(
    kind: str,
    makers: Sequence[Maker],
    filings: Filings,
    wished: dict[Cell, float],
    fixed: dict[Cell, int],
    capacity: dict[Cell, int],
) -> tuple[dict[Cell, int], int]:
    """Outputs of a kind whose counted sum meets the published one, and the factor in millionths."""
    free = {c: w for c, w in wished.items() if c not in fixed}
    counted = [c for c in free if c[2] <= LAST and (c[0], c[2]) in filings]
    openings = sum(v for m in makers for p, v in m.openings.items() if p.startswith(kind))
    given = sum(v for c, v in fixed.items() if c[1].startswith(kind) and (c[0], c[2]) in filings)
    target = CUMULATIVE[kind] - openings - given

    def outputs(factor: int) -> dict[Cell, int]:
        return {c: _rounded(w * factor / 1_000_000, c, capacity) for c, w in free.items()}

    low, high = 300_000, 1_500_000
    while high - low > 1:
        middle = (low + high) // 2
        made = outputs(middle)
        low, high = (middle, high) if sum(made[c] for c in counted) <= target else (low, middle)
    made = outputs(low)
    step = quantum(MASKS if kind == MASKS else SUITS)
    missing = target - sum(made[c] for c in counted)
    room = [c for c in counted if made[c] and made[c] + step <= capacity[c] * 0.97]
    if missing % step or not 0 <= missing // step <= len(room):
        raise ValueError(f"{kind}: {missing} cannot be spread over {len(room)} reports")
    number = missing // step
    for place in range(number):
        made[room[place * len(room) // number]] += step
    return made, low


def _flows(maker: Maker, capacity: dict[Cell, int], outputs: dict[Cell, int], figures: dict[Cell, Figures]) -> None:
    """Stock = yesterday's + output - shipped, for every product; the material runs down and is filled up."""
    rng = dice(2000 + maker.number)
    stocks: dict[str, int] = {}
    material = 0
    for day in range(maker.joins, TODAY + 1):
        masks = 0
        for product, first in maker.products.items():
            share = rng.uniform(0.86, 1.08)
            if day < first:
                continue
            cell, step = (maker.number, product, day), quantum(product)
            made = outputs[cell]
            opened = stocks.setdefault(product, maker.openings.get(product, 0) // 20 // step * step)
            shipped = min(opened + made, int(made * share) // step * step)
            if not made:
                shipped = min(opened, capacity.get((maker.number, product, day - 1), 0) // 5 // step * step)
            stocks[product] = opened + made - shipped
            figures[cell] = Figures(capacity[cell], made, stocks[product], shipped)
            masks += made if product.startswith(MASKS) else 0
        if maker.material:
            used = masks * GRAMS_PER_MASK // 10_000
            received = 0
            if material < 3 * used + 50:
                received = (7 * used // 100 + 2) * 100
            material += received - used
            figures[maker.number, MATERIAL, day] = Figures(stock=material, received=received, used=used)
