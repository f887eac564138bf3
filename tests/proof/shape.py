"""The shape of real daily reporting, drawn from a seed: who files what about which day, in which order (no Django)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

MEASURES = ("capacity", "output", "stock", "shipped")
PRODUCTS = ("MASK_SURG", "MASK_CIVIL", "SUIT_STERILE", "ALC_75")
COUNTIES = 4
COPIED = 0.87
"""Share of values that are those of the day before."""
SILENT, STOPS, RESUMES = 0.04, 0.11, 0.25
"""Share of plants that never file; chance per day that a filing plant falls silent, and that a silent one resumes.

Together about a third of the plants are missing on any day, many of them longer than levels are carried.
"""
AFTERNOON = 1 / 3
PEAK = 19
"""Most submissions in one second."""
CORRECTED, BLOCK_EVERY, BLOCK_DAYS, BLOCK_PLANTS = 0.03, 7, 10, 0.15
"""Share of reports corrected the same day; each BLOCK_EVERY days that share of plants corrects its last BLOCK_DAYS."""

Line = tuple[int, int, int, int]
"""Figures of one product in base units, in the order of MEASURES."""
Lines = dict[str, Line]


@dataclass(frozen=True)
class Plant:
    """One plant: its number, the number of its county, the products it owes, and whether it ever files."""

    number: int
    county: int
    products: tuple[str, ...]
    is_silent: bool = False


@dataclass(frozen=True)
class Filing:
    """One submission: plant number and report day by number, figures, the revision it is based on (None = the first)."""

    plant: int
    day: int
    lines: Lines
    based_on: int | None = None


@dataclass
class Day:
    """What arrives on one day, in order: before noon, after noon, and corrections of this and earlier days.

    `peak` = where in the morning the second with PEAK submissions begins.
    """

    number: int
    morning: list[Filing] = field(default_factory=list)
    afternoon: list[Filing] = field(default_factory=list)
    corrections: list[Filing] = field(default_factory=list)
    peak: int = 0


@dataclass
class Shape:
    """All plants and the days they file on, drawn from a seed. The same arguments give the same submissions."""

    seed: int
    plants: int
    days: int
    copied: int = 0
    values: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self.roster = [self._plant(number) for number in range(self.plants)]
        self._usual = {p.number: {code: self._level() for code in p.products} for p in self.roster}
        self._said: dict[int, Lines] = {}
        self._filed: dict[tuple[int, int], tuple[int, Lines]] = {}
        self._is_filing = {p.number: self._rng.random() < 1 - STOPS / (STOPS + RESUMES) for p in self.roster}

    def arrivals(self) -> Iterator[Day]:
        """Each day in turn. Draw them once: figures of a day rest on those before."""
        for number in range(self.days):
            yield self._day(number)

    def _day(self, number: int) -> Day:
        day = Day(number)
        present = [plant for plant in self.roster if self._files(plant)]
        self._rng.shuffle(present)
        for plant in present:
            filing = self._file(plant, number, self._next(plant))
            (day.afternoon if self._rng.random() < AFTERNOON else day.morning).append(filing)
        day.peak = self._rng.randrange(max(1, len(day.morning) - PEAK))
        for plant in present:
            if self._rng.random() < CORRECTED:
                day.corrections.append(self._correct(plant, number))
        if number % BLOCK_EVERY == BLOCK_EVERY - 1 or number == self.days - 1:
            day.corrections += self._block(number)
        return day

    def _block(self, number: int) -> list[Filing]:
        """Corrections of the days before by many plants at once, oldest day first."""
        chosen = [plant for plant in self.roster if self._rng.random() < BLOCK_PLANTS]
        past = range(max(0, number - BLOCK_DAYS), number)
        return [self._correct(p, day) for day in past for p in chosen if (p.number, day) in self._filed]

    def _file(self, plant: Plant, day: int, lines: Lines) -> Filing:
        self._said[plant.number] = lines
        self._filed[plant.number, day] = 1, lines
        return Filing(plant.number, day, lines)

    def _correct(self, plant: Plant, day: int) -> Filing:
        """The report again with one figure changed; figures differ from the latest revision's, or nothing is added."""
        revision, lines = self._filed[plant.number, day]
        code = self._rng.choice(plant.products)
        capacity, output, stock, shipped = lines[code]
        changed = {**lines, code: (capacity, output + self._rng.randint(1, 9), stock, shipped)}
        self._filed[plant.number, day] = revision + 1, changed
        return Filing(plant.number, day, changed, based_on=revision)

    def _next(self, plant: Plant) -> Lines:
        """Figures of the day: most are copies of what was said last."""
        before = self._said.get(plant.number)
        lines: Lines = {}
        for code in plant.products:
            usual = self._usual[plant.number][code]
            said = []
            for at, level in enumerate(usual):
                self.values += before is not None
                if before is not None and self._rng.random() < COPIED:
                    self.copied += 1
                    said.append(before[code][at])
                else:
                    said.append(self._varied(level, not_=before[code][at] if before is not None else None))
            lines[code] = said[0], said[1], said[2], said[3]
        return lines

    def _varied(self, level: int, *, not_: int | None) -> int:
        """A value near the usual one, so that none is held back as a slip, and not the one said before."""
        value = self._rng.randint(level * 6 // 10, level * 14 // 10)
        return value + 1 if value == not_ else value

    def _files(self, plant: Plant) -> bool:
        was = self._is_filing[plant.number]
        self._is_filing[plant.number] = self._rng.random() >= STOPS if was else self._rng.random() < RESUMES
        return self._is_filing[plant.number] and not plant.is_silent

    def _plant(self, number: int) -> Plant:
        products = tuple(sorted(self._rng.sample(PRODUCTS, self._rng.choice((1, 1, 2, 3)))))
        return Plant(number, self._rng.randrange(COUNTIES), products, self._rng.random() < SILENT)

    def _level(self) -> Line:
        capacity = self._rng.randint(2_000, 600_000)
        return capacity, capacity * 8 // 10, capacity * 3, capacity * 7 // 10
