"""Pure: the product catalogue as one value: entries with their units, found by code or by name (R3, R16-R18)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from enterprises.rules.names import folded
from supplies.choices import Measure, Stage

Factor = tuple[int, int]
"""A unit in base units, exactly: numerator and denominator, both above 0."""


@dataclass(frozen=True)
class Entry:
    """One product on one day. `units` has the base unit itself and every synonym and physical unit, by folded name."""

    code: str
    name: str
    category: str
    group: str | None
    stage: str
    base_unit: str
    display_unit: str
    required: tuple[str, ...]
    certificate_kinds: tuple[str, ...]
    units: Mapping[str, Factor]
    standards: str = ""


@dataclass(frozen=True)
class Catalogue:
    """All entries in the order of the catalogue; categories and groups by code."""

    entries: Mapping[str, Entry]
    categories: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        entries: Iterable[Entry],
        categories: Mapping[str, str] | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> Catalogue:
        """Build the catalogue and its index of folded codes and names."""
        by_code = {entry.code: entry for entry in entries}
        names = {folded(e.name): e.code for e in by_code.values()} | {folded(code): code for code in by_code}
        return cls(by_code, categories or {}, groups or {}, names)

    def __getitem__(self, code: str) -> Entry:
        return self.entries[code]

    def __contains__(self, code: object) -> bool:
        return code in self.entries

    def find(self, text: str) -> Entry | None:
        """The product of this code or name; width, case and spaces do not matter. None if there is none."""
        code = self.names.get(folded(text))
        return self.entries[code] if code is not None else None


def read(lines: Iterable[str]) -> list[Entry]:
    """Entries of the catalogue's own table (CSV with a header); lists in a cell are separated by spaces.

    >>> head = "code,name,category,group,stage,base_unit,display_unit,required,certificate_kinds,units,standards"
    >>> read([head, "X,甲,mask,,finished,只,万只,capacity output,,个=1 双=2 克=1/1000,"])[0].units
    {'只': (1, 1), '个': (1, 1), '双': (2, 1), '克': (1, 1000)}
    """
    return [_entry(row) for row in csv.DictReader(lines)]


def flaws(entries: Iterable[Entry]) -> list[str]:
    """What would make a catalogue unfit: its promises, checked. Empty if it is sound.

    Names are unique when folded; a group has one stage and one base unit (R17); finished and intermediate goods require
    capacity and output, materials and energy the stock (R3).
    """
    found: list[str] = []
    names: dict[str, str] = {}
    groups: dict[str, tuple[str, str]] = {}
    for entry in entries:
        for name in (folded(entry.name), folded(entry.code)):
            if names.setdefault(name, entry.code) != entry.code:
                found.append(f"{entry.code}: {names[name]} has the same name")
        making = entry.stage in (Stage.FINISHED, Stage.INTERMEDIATE)
        if set(entry.required) != ({Measure.CAPACITY, Measure.OUTPUT} if making else {Measure.STOCK}):
            found.append(f"{entry.code}: wrong required measures for {entry.stage}")
        if entry.group and groups.setdefault(entry.group, (entry.stage, entry.base_unit)) != (
            entry.stage,
            entry.base_unit,
        ):
            found.append(f"{entry.code}: group {entry.group} mixes stages or units")
        if entry.units.get(folded(entry.base_unit)) != (1, 1):
            found.append(f"{entry.code}: the base unit is not 1")
    return found


def _entry(row: dict[str, str]) -> Entry:
    units: dict[str, Factor] = {folded(row["base_unit"]): (1, 1)}
    for said in row["units"].split():
        unit, factor = said.split("=")
        exact = Fraction(factor)
        units[folded(unit)] = (exact.numerator, exact.denominator)
    return Entry(
        code=row["code"],
        name=row["name"],
        category=row["category"],
        group=row["group"] or None,
        stage=row["stage"],
        base_unit=row["base_unit"],
        display_unit=row["display_unit"],
        required=tuple(row["required"].split()),
        certificate_kinds=tuple(row["certificate_kinds"].split()),
        units=units,
        standards=row["standards"],
    )
