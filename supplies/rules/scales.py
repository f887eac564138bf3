"""Pure: the unit a product's quantities are shown in, where that is another than the one they are stored in (R16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from enterprises.rules.names import folded


@dataclass(frozen=True)
class Scale:
    """One shown unit = num / den base units. 万 is no unit of its own: every number is shortened with it anyway."""

    base_unit: str
    unit: str
    num: int = 1
    den: int = 1

    @classmethod
    def of(cls, base_unit: str, display_unit: str, units: Mapping[str, tuple[int, int]]) -> Scale:
        """The scale of a product; `units` as in the catalogue, by folded name.

        >>> Scale.of("千克", "吨", {"吨": (1000, 1)})
        Scale(base_unit='千克', unit='吨', num=1000, den=1)
        >>> Scale.of("只", "万只", {}).unit
        '只'
        """
        num, den = units.get(folded(display_unit), (1, 1))
        return cls(base_unit, display_unit, num, den) if (num, den) != (1, 1) else cls(base_unit, base_unit)

    def shown(self, amount: int | None) -> tuple[int | None, str]:
        """Thousandths of the shown unit and that unit; an amount that would not be exact in it stays in the base unit.

        >>> tonnes = Scale("千克", "吨", 1000)
        >>> tonnes.shown(71_520_000), tonnes.shown(1_500), tonnes.shown(None)
        ((71520, '吨'), (1500, '千克'), (None, '吨'))
        """
        if amount is None:
            return None, self.unit
        scaled, rest = divmod(amount * self.den, self.num)
        return (scaled, self.unit) if rest == 0 else (amount, self.base_unit)
