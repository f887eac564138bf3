"""The 104 enterprises: where they stand, which lines they have, when each line starts.

The lines are dealt along two ramps (masks, suits) so that what is counted reaches the published capacity on the day it
was published for, to the last piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from random import Random

from coordination.rules.demonstration import LAST, MIDDLE, dice, names

MASKS, SUITS = "MASK", "SUIT"
MIDDLE_CAPACITY = {MASKS: 5_000_000, SUITS: 15_000}
LAST_CAPACITY = {MASKS: 8_650_000, SUITS: 30_000}
STEPS = {MASKS: 1000, SUITS: 50}
LIMITS = {MASKS: (24_000, 110_000), SUITS: (500, 2_600)}
"""Smallest and largest rated capacity of an ordinary line."""

RAMPS: dict[str, tuple[tuple[int, int], ...]] = {
    MASKS: (
        (0, 50_000), (4, 110_000), (8, 420_000), (11, 820_000), (14, 1_350_000), (18, 2_300_000), (22, 3_400_000),
        (26, 4_450_000), (29, 5_000_000), (34, 6_000_000), (40, 7_150_000), (46, 8_050_000), (53, 8_650_000),
    ),
    SUITS: (
        (8, 0), (14, 2_500), (20, 6_300), (26, 12_000), (29, 15_000), (35, 18_000), (42, 22_500), (48, 27_000),
        (53, 30_000),
    ),
}  # fmt: skip
"""The believable course of capacity between the published days: (day, units a day)."""

MASK_PRODUCTS = {
    "MASK_DISP": 34, "MASK_CIVIL": 22, "MASK_SURG": 18, "MASK_KN95": 8, "MASK_HYG": 8, "MASK_CHILD": 6,
    "MASK_N95_MED": 4,
}  # fmt: skip
SUIT_PRODUCTS = {"SUIT_STERILE": 60, "SUIT_NONST": 40}
STALE_CAPACITY, SILENT_SINCE = 40_000, 48
"""The enterprise that was heard of last on the eve of day 48: on the last day nothing of it carries any more."""

HALT = range(35, 40)
WEEK = range(38, 45)
EXEMPTION = range(31, 41)
MOVE, MOVED_TO = 33, "3505K1"


@dataclass(frozen=True)
class Line:
    """A line: from its first day on it adds its rated capacity. One that starts after LAST is yet to come."""

    product: str
    rated: int
    starts: int
    kind: str = "converted"


@dataclass
class Maker:
    """An enterprise. `part` is its part in the story; `joins` the first day of its duties."""

    number: int
    part: str
    trade: str
    kind: str
    lines: list[Line]
    division: str = ""
    brand: str = ""
    joins: int = 0
    pool: str = ""
    openings: dict[str, int] = field(default_factory=dict)
    material: bool = False
    listed_on: int | None = None

    @property
    def uscc(self) -> str:
        return names.credit_code(self.number)

    @property
    def name(self) -> str:
        return names.company(self.brand, self.trade, self.division)

    @property
    def products(self) -> dict[str, int]:
        """First day of the duty for each product made by the end of the story."""
        first: dict[str, int] = {}
        for line in sorted(self.lines, key=lambda one: one.starts):
            if line.starts <= LAST:
                first.setdefault(line.product, line.starts)
        return first if self.part != "never" else {line.product: self.joins for line in self.lines}

    def rated(self, product: str, day: int) -> int:
        """What the lines in operation on the day can make of the product."""
        return sum(line.rated for line in self.lines if line.product == product and line.starts <= day)

    def quiet(self, first: int, last: int) -> bool:
        """Whether no line starts in these days, so that an earlier report still tells the capacity."""
        return not any(first <= line.starts <= last for line in self.lines)


def on_ramp(kind: str, day: int) -> int:
    """Planned capacity on the day, between the points of the ramp.

    >>> on_ramp("MASK", 29), on_ramp("MASK", 37), on_ramp("SUIT", 3)
    (5000000, 6575000, 0)
    """
    points = RAMPS[kind]
    for (left, low), (right, high) in pairwise(points):
        if left <= day <= right:
            return low + (high - low) * (day - left) // (right - left)
    return points[-1][1] if day > points[-1][0] else 0


def sizes(rng: Random, *, kind: str, total: int, count: int) -> list[int]:
    """Rated capacities of `count` ordinary lines that make `total` together."""
    step, (low, high) = STEPS[kind], LIMITS[kind]
    dealt = [rng.randrange(low, high, step) for _ in range(count)]
    missing = total - sum(dealt)
    while missing:
        at = rng.randrange(count)
        changed = dealt[at] + (step if missing > 0 else -step)
        if low <= changed <= high:
            missing -= changed - dealt[at]
            dealt[at] = changed
    return dealt


def starts(kind: str, fixed: Sequence[Line], dealt: Sequence[int], *, before: int, first: int, last: int) -> list[int]:
    """Start days of ordinary lines, so that together with the fixed ones they follow the ramp; all by `last`."""
    days, day = [], first
    for reached in accumulate(dealt):
        while day < last and on_ramp(kind, day) - before - sum(f.rated for f in fixed if f.starts <= day) < reached:
            day += 1
        days.append(day)
    return days


def published() -> list[Maker]:
    """The enterprises whose machines were published, and the first one of all."""
    disp, surg, civil = "MASK_DISP", "MASK_SURG", "MASK_CIVIL"
    made = [
        Maker(0, "first", "卫生用品", "expanded", [
            Line(disp, 50_000, 0, "expanded"), Line(disp, 60_000, 6, "expanded"), Line(disp, 90_000, 21, "expanded"),
        ], division="350503", openings={disp: 680_000}),
        Maker(0, "four_machines", "卫生用品", "expanded", [
            Line(surg, 120_000, day, "expanded") for day in (7, 10, 13, 16)
        ], division="350582", openings={surg: 240_000}),
        Maker(0, "five_lines", "护理用品", "converted", [
            Line(disp if n < 3 else surg, 160_000, day) for n, day in enumerate((14, 17, 20, 23, 26))
        ], division="350581"),
        Maker(0, "own_and_ordered", "防护用品", "converted", [Line(civil, 150_000, 18), Line(civil, 150_000, 18)],
              division="350583"),
        Maker(0, "medical_and_bought", "医用敷料", "expanded", [
            Line(surg, 200_000, 11, "expanded"), Line(civil, 200_000, 21, "newly_built"),
            Line(civil, 200_000, 27, "newly_built"),
        ], division="350521"),
        Maker(0, "clean_workshop", "防护科技", "converted", [
            Line("SUIT_STERILE", 800, 16), Line("SUIT_STERILE", 1_200, 37),
        ], division="350582", openings={"SUIT_STERILE": 300}),
    ]  # fmt: skip
    for maker in made:
        maker.material = maker.part != "clean_workshop"
    return made


def ramped(rng: Random, kind: str, fixed: list[Line], *, early: int, late: int, grown: int) -> list[Maker]:
    """Ordinary makers of masks or suits: `early` ones by the middle day, `late` ones after it, and `grown` new lines.

    Among the early mask makers is the one that falls silent; its capacity comes on top of the last day's.
    """
    products = MASK_PRODUCTS if kind == MASKS else SUIT_PRODUCTS
    trade = "mask" if kind == MASKS else "suit"
    silent = STALE_CAPACITY if kind == MASKS else 0

    def draw() -> str:
        return rng.choices(list(products), list(products.values()))[0]

    by_middle = sum(f.rated for f in fixed if f.starts <= MIDDLE)
    dealt = sizes(rng, kind=kind, total=MIDDLE_CAPACITY[kind] - by_middle - silent, count=early - bool(silent))
    middle = len(dealt) // 2
    if silent:
        dealt.insert(middle, silent)
    first = RAMPS[kind][0][0] + 1
    days = starts(kind, fixed, dealt, before=0, first=first, last=MIDDLE)
    makers = []
    for rated, day in zip(dealt, days, strict=True):
        start_kind = rng.choices(["converted", "expanded", "newly_built"], [70, 12, 18])[0]
        word = rng.choice(names.TRADES["converted" if start_kind == "converted" and trade == "mask" else trade])
        makers.append(Maker(0, "", word, start_kind, [Line(draw(), rated, day, start_kind)]))
    if silent:
        makers[middle].part = "stale"
    later = [f for f in fixed if f.starts > MIDDLE]
    total = LAST_CAPACITY[kind] - MIDDLE_CAPACITY[kind] - sum(f.rated for f in later) + silent
    dealt = sizes(rng, kind=kind, total=total, count=late + grown)
    days = starts(kind, later, dealt, before=MIDDLE_CAPACITY[kind], first=MIDDLE + 1, last=LAST)
    new = [True] * late + [False] * grown
    rng.shuffle(new)
    growing = [maker for maker in makers if not maker.part]
    rng.shuffle(growing)
    for rated, day, is_new in zip(dealt, days, new, strict=True):
        if is_new:
            start_kind = rng.choices(["converted", "newly_built"], [65, 35])[0]
            word = rng.choice(names.TRADES["converted" if start_kind == "converted" and trade == "mask" else trade])
            makers.append(Maker(0, "", word, start_kind, [Line(draw(), rated, day, start_kind)]))
        else:
            maker = growing.pop()
            growing.insert(0, maker)
            product = maker.lines[0].product if rng.random() < 0.6 else draw()
            maker.lines.append(Line(product, rated, day, "expanded"))
    return makers


def others(rng: Random) -> list[Maker]:
    """Makers of everything else, and the two that have never reported."""
    nbr, latex, liquid, gel = "GLOVE_NBR", "GLOVE_LATEX", "DIS_HAND_LIQ", "DIS_HAND_GEL"
    plans = [
        ("", "disinfect", "expanded", [("DIS_84", 24_000, 2), ("DIS_84", 16_000, 20), ("ALC_75", 6_000, 12)]),
        ("", "disinfect", "expanded", [("DIS_84", 18_000, 3), ("DIS_OTHER", 4_000, 9)]),
        ("", "disinfect", "converted", [("ALC_75", 12_000, 5), ("ALC_75", 9_000, 23)]),
        ("pool", "disinfect", "converted", [(liquid, 30_000, 8), (gel, 30_000, 8)]),
        ("", "melt", "newly_built", [("MAT_MELT", 1_500, 13), ("MAT_MELT", 2_000, 26), ("MAT_MELT", 2_500, 44)]),
        ("", "melt", "converted", [("MAT_MELT", 1_200, 19), ("MAT_MELT", 1_800, 39)]),
        ("pool", "gloves", "expanded", [(nbr, 420_000, 6), (latex, 420_000, 10)]),
        ("", "eye", "converted", [("GOGGLES", 6_000, 11), ("FACESHIELD", 20_000, 17)]),
        ("", "thermometer", "converted", [("THERMO_GUN", 1_200, 9), ("THERMO_GUN", 1_800, 27)]),
        ("exempted", "wipes", "converted", [("WIPES", 24_000, 10), ("SWAB", 80_000, 15)]),
        ("state_only", "machine", "expanded", []),
        ("state_only", "machine", "expanded", []),
        ("never", "converted", "converted", [("MASK_CIVIL", 60_000, LAST + 6)]),
        ("never", "suit", "newly_built", [("SUIT_NONST", 1_500, LAST + 9)]),
    ]
    makers = []
    for part, trade, kind, lines in plans:
        made = [Line(product, rated, day, kind) for product, rated, day in lines]
        makers.append(Maker(0, part, rng.choice(names.TRADES[trade]), kind, made))
    makers[-4].joins, makers[-3].joins, makers[-2].joins, makers[-1].joins = 7, 12, 49, 51
    for maker in makers:
        if maker.part == "pool":
            maker.pool = "手套浸渍线" if maker.lines[0].product == nbr else "灌装线"
    return makers


@cache
def makers() -> tuple[Maker, ...]:
    """All 104, in the order in which they began to report; numbers and names are given here."""
    rng = dice(0)
    told = published()
    fixed = [line for maker in told for line in maker.lines]
    masks = ramped(rng, MASKS, [f for f in fixed if f.product.startswith(MASKS)], early=44, late=28, grown=32)
    suits = ramped(rng, SUITS, [f for f in fixed if f.product.startswith(SUITS)], early=8, late=4, grown=7)
    _give_parts(masks)
    found = [*told, *masks, *suits, *others(rng)]
    for maker in found:
        maker.joins = min(maker.products.values(), default=maker.joins)
    found.sort(key=lambda maker: maker.joins)
    places = [code for code, share in names.SHARES.items() for _ in range(share)]
    for maker in found:
        if maker.division:
            places.remove(maker.division)
    rng.shuffle(places)
    for number, (maker, brand) in enumerate(zip(found, names.brands(), strict=False), 1):
        maker.number, maker.brand = number, brand
        maker.division = maker.division or places.pop()
    _list_key(found)
    _order_lines(found)
    return tuple(found)


def part(name: str) -> Maker:
    """The enterprise with that part in the story (the first of them)."""
    return next(maker for maker in makers() if maker.part == name)


def _give_parts(masks: list[Maker]) -> None:
    """Who halts, who is missing for a week, who moves, and whose clerk the visitor may be."""
    free = [m for m in masks if not m.part and 5 < m.lines[0].starts < 28]
    steady = [m for m in free if len(m.lines) == 1]
    steady[0].part, steady[1].part, steady[2].part = "halted", "week", "moved"
    steady[2].division = "350502"
    clerk = next(m for m in free if not m.part and len(m.lines) == 2 and m.lines[1].starts < 46)
    clerk.part, clerk.division, clerk.trade, clerk.kind = "clerk", "350582", "防护用品", "expanded"
    first, second = clerk.lines
    clerk.lines = [
        Line("MASK_DISP", first.rated, first.starts, "expanded"),
        Line("MASK_CIVIL", second.rated, second.starts, "expanded"),
    ]


def _list_key(found: Iterable[Maker]) -> None:
    """The 30 key enterprises: those with a published part, then the largest; listed some days after they began."""
    told = ["first", "four_machines", "five_lines", "own_and_ordered", "medical_and_bought", "clean_workshop", "clerk"]

    def weight(maker: Maker) -> float:
        largest = sum(line.rated / (200 if line.product.startswith(SUITS) else 10_000) for line in maker.lines)
        return -1e9 if maker.part in {"never", "stale", "state_only"} else (1e9 if maker.part in told else largest)

    for maker in sorted(found, key=lambda m: (-weight(m), m.number))[:30]:
        maker.listed_on = min(maker.joins + maker.number % 5, LAST)


def _order_lines(found: Iterable[Maker]) -> None:
    """Some have ordered another machine that does not run yet; the largest mask makers report a material too."""
    for maker in found:
        maker.lines.sort(key=lambda line: line.starts)
        if not maker.part and maker.number % 9 == 0 and maker.lines:
            maker.lines.append(
                Line(maker.lines[0].product, maker.lines[0].rated, LAST + 4 + maker.number % 7, "expanded")
            )
        if not maker.part and maker.number % 14 == 3 and maker.lines[0].product.startswith(MASKS):
            maker.material = True
