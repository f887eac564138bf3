"""Pure: the sheet a clerk fills in: which rows and units a product offers, what they were before, what typed text means.

Every figure has a unit of its own. A row echoes what was typed in base units and says what changed since the report
before; it judges by the same grammar as every channel (R16).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from enterprises.rules.names import folded
from supplies.choices import STATED, STATED_LABEL, Measure
from supplies.rules.catalogue import Factor
from supplies.rules.quantities import Unreadable, convert, read_text
from supplies.rules.question_cards import Card
from supplies.rules.suggestions import decimal

MAIN = (Measure.CAPACITY, Measure.OUTPUT, Measure.STOCK, Measure.SHIPPED)
"""Rows always in view; the others are folded away until they say something."""

OLD = 3
"""Reports with the same figure from which on the sheet says how long it has been copied."""

MOST_DECIMALS = 4
"""Decimals that still read well in a larger unit: 57.8 万只, 0.25 万只; further ones go to the base unit."""


def window_words(window: str) -> str:
    """The hours that a day covers, in words (R1); a window that ends no later than it begins began the day before.

    >>> window_words("00:00-24:00"), window_words("18:00-18:00")
    ('当日 00:00 至 24:00', '前一日 18:00 至当日 18:00')
    """
    first, _, last = window.partition("-")
    return f"当日 {first} 至 {last}" if first < last else f"前一日 {first} 至当日 {last}"


@dataclass(frozen=True)
class Typed:
    """What stands in a field and which unit is chosen beside it."""

    text: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Row:
    """One measure of one product. Amounts are thousandths of the base unit; None = not given or not readable."""

    name: str
    measure: str
    label: str
    is_required: bool
    typed: Typed
    units: tuple[str, ...]
    amount: int | None
    previous: int | None
    errors: tuple[str, ...] = ()
    card: Card | None = None
    copied: int = 0

    @property
    def is_old(self) -> bool:
        """Whether the figure of the reports before has stayed the same so long that the clerk is told."""
        return self.copied >= OLD

    @property
    def change(self) -> int | None:
        """Difference to the report before; None where either is missing."""
        return None if self.amount is None or self.previous is None else self.amount - self.previous


@dataclass(frozen=True)
class Section:
    """All rows of one product. `is_owed`: a duty asks for it today. `factors`: folded unit to (num, den)."""

    code: str
    name: str
    base_unit: str
    is_owed: bool
    licence: str
    main: tuple[Row, ...]
    further: tuple[Row, ...]
    factors: Mapping[str, Factor]
    errors: tuple[str, ...] = ()

    @property
    def factors_id(self) -> str:
        """Name under which the page hands the factors to its script."""
        return f"{self.code}-factors"

    @property
    def has_stated(self) -> bool:
        """Whether the cumulative may be stated."""
        return any(row.measure == STATED for row in self.further)

    @property
    def has_further(self) -> bool:
        """Whether a folded row says something or is refused, so that it must be seen."""
        return any(row.typed.text or row.errors or row.card for row in self.further)


@dataclass(frozen=True)
class Offer:
    """What a product offers to a clerk: its name, base unit, display unit, required measures, units with packs."""

    code: str
    name: str
    base_unit: str
    display_unit: str
    required: tuple[str, ...]
    units: Mapping[str, Factor]
    packs: tuple[str, ...] = ()

    def choices(self, *used: str) -> tuple[str, ...]:
        """Units to choose from: the display unit, the base unit, 万 of it, packs, and the units used before.

        >>> Offer("M", "口罩", "只", "万只", (), {"只": (1, 1), "箱": (2000, 1)}, ("箱",)).choices("片")
        ('万只', '只', '箱', '片')
        """
        offered = [self.display_unit, self.base_unit, "万" + self.base_unit, *self.packs, *used]
        return tuple(dict.fromkeys(unit for unit in offered if unit))

    def factor(self, unit: str) -> Factor | None:
        """One `unit` in base units; None for a unit that the product does not have."""
        known = self.units.get(folded(unit))
        if known is None and unit[:1] in ("万", "亿"):
            rest = self.units.get(folded(unit[1:])) if unit[1:] else (1, 1)
            return None if rest is None else (rest[0] * (10**4 if unit[0] == "万" else 10**8), rest[1])
        return known

    def written(self, amount: int | None, unit: str) -> Typed:
        """An amount as a clerk would type it, in the unit last used where it comes out evenly.

        Nothing is typed where nothing is known; the unit then is the display unit. Figures that came in base units
        become 万 or tonnes where that reads better.

        >>> offer = Offer("M", "口罩", "只", "万只", (), {"只": (1, 1), "箱": (2000, 1)}, ("箱",))
        >>> offer.written(578_000_000, "万只"), offer.written(578_001_000, "万只").text, offer.written(96_000, "只")
        (Typed(text='57.8', unit='万只'), '57.8001', Typed(text='96', unit='只'))
        >>> offer.written(4_000_000, "箱"), offer.written(4_000_100, "箱"), offer.written(None, "")
        (Typed(text='2', unit='箱'), Typed(text='4000.1', unit='只'), Typed(text='', unit='万只'))
        """
        if amount is None:
            return Typed("", unit if self.factor(unit) else self.display_unit)
        wishes = [unit]
        if folded(unit) == folded(self.base_unit) or not unit:
            large = self.factor(self.display_unit) or (1, 1)
            wishes = [self.display_unit] if amount * large[1] >= 1000 * large[0] else []
        for wish in wishes:
            text = self._even(amount, wish)
            if text is not None:
                return Typed(text, wish)
        return Typed(self._even(amount, self.base_unit) or "", self.base_unit)

    def _even(self, amount: int, unit: str) -> str | None:
        factor = self.factor(unit)
        if factor is None:
            return None
        value = Fraction(amount * factor[1], 1000 * factor[0])
        if (value * 10**MOST_DECIMALS).denominator != 1:
            return None
        return decimal(value)

    def amount(self, typed: Typed) -> int | None:
        """What typed text means in thousandths of the base unit; None where it is empty or cannot be read."""
        if not typed.text.strip():
            return None
        try:
            return convert(read_text(typed.text), units=self.units, base_unit=self.base_unit, column=typed.unit).amount
        except Unreadable:
            return None

    def row(self, measure: str, typed: Typed, previous: int | None, errors: Iterable[str] = ()) -> Row:
        """The row of one measure as it stands."""
        return Row(
            name=f"{self.code}-{measure}",
            measure=measure,
            label=STATED_LABEL if measure == STATED else Measure(measure).label,
            is_required=measure in self.required,
            typed=typed if typed.unit else replace(typed, unit=self.display_unit),
            units=self.choices(typed.unit),
            amount=self.amount(typed),
            previous=previous,
            errors=tuple(errors),
        )
