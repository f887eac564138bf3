"""Data quality: copied figures, recurring questions, stock and cumulatives that do not match; per enterprise, county, day."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from enterprises.models import Enterprise, Placement
from supplies import cumulatives, products
from supplies.choices import QuestionCode, Stage
from supplies.cumulatives import Compared
from supplies.frames import Outlook
from supplies.models import DailyReport, Question, ReportLine
from supplies.rules import data_quality as rules
from supplies.rules.catalogue import Catalogue
from supplies.rules.data_quality import A_DAY, RECURRING, Lines, Said

DAYS = 14
COURSES = ("copied", "questions", "unbalanced", "mismatched")
SUMMED = ("reports", "pairs", "copied", "questions", "unbalanced", "mismatched")
MAKING = (Stage.FINISHED, Stage.INTERMEDIATE)


@dataclass(frozen=True)
class Row:
    """One enterprise over the period. `copied` of `pairs` reports repeat the report of the day before whole.

    unbalanced = figures of stock that do not follow from the day before; mismatched = stated cumulatives that are not
    those computed (R11); recurring = questions asked again and again,
    in words; run = longest run of copied reports.
    """

    name: str
    uscc: str
    division: str
    division_code: str
    reports: int
    pairs: int
    copied: int
    run: int
    questions: int
    recurring: tuple[str, ...]
    unbalanced: int
    mismatched: int = 0

    @property
    def weight(self) -> tuple[int, int, int]:
        return (
            self.unbalanced + self.mismatched + len(self.recurring) * RECURRING + self.run,
            self.questions,
            self.copied,
        )


@dataclass(frozen=True)
class Place:
    """One reporting unit: sums over its enterprises."""

    code: str
    name: str
    reports: int
    pairs: int
    copied: int
    questions: int
    unbalanced: int
    mismatched: int = 0


@dataclass(frozen=True)
class Unlike:
    """One product of one enterprise whose stated cumulative is not the computed one; the latest figures of the period.

    course = stated less computed per day of the period, None where nothing was stated; days = on how many they differ.
    """

    name: str
    uscc: str
    division: str
    product: str
    unit: str
    day: dt.date
    stated: int
    ours: int
    days: int
    course: tuple[int | None, ...]

    @property
    def difference(self) -> int:
        return self.stated - self.ours


@dataclass(frozen=True)
class Quality:
    """What the page says; the courses have one figure per day of the period, None where nobody reported."""

    first: dt.date
    last: dt.date
    rows: tuple[Row, ...]
    places: tuple[Place, ...]
    copied: tuple[int | None, ...]
    questions: tuple[int | None, ...]
    unbalanced: tuple[int | None, ...]
    mismatched: tuple[int | None, ...]
    unlike: tuple[Unlike, ...]

    @property
    def whole(self) -> Place:
        """Sums over all."""
        return Place("", "", *(sum(getattr(place, name) for place in self.places) for name in SUMMED))


def quality(outlook: Outlook) -> Quality:
    """The fortnight up to the outlook's leading day, of enterprises that stand below its division on that day.

    Latest revisions only, returned ones too: what was wrong then is part of the picture. The caller has asked for
    sources:read. Queries do not depend on rows.
    """
    last = outlook.leading_day
    first = last - A_DAY * (DAYS - 1)
    stands = dict(
        Placement.objects.believed()
        .on(last)
        .filter(division__in=outlook.tree.leaves(outlook.node.code))
        .values_list("enterprise_id", "division_id")
    )
    reports = list(
        # the day before the first one is what the first one is compared with
        DailyReport.objects.filter(enterprise__in=stands, day__range=(first - A_DAY, last), head__isnull=False)
        .order_by("enterprise_id", "day")
        .values_list("enterprise_id", "day", "head_id")
    )
    lines = _lines([head for _, _, head in reports])
    recent = [head for _, day, head in reports if day >= first]
    asked, stated = _asked(recent), _stated(recent)
    by_enterprise: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for enterprise, day, head in reports:
        by_enterprise[enterprise][day] = head
    people = Enterprise.objects.in_bulk(list(by_enterprise))
    catalogue = products.catalogue(last)
    names = {code: entry.name for code, entry in catalogue.entries.items()}
    course = {kind: Counter[dt.date]() for kind in ("reports", *COURSES)}
    rows = []
    for enterprise, heads in by_enterprise.items():
        division = stands[enterprise]
        place = outlook.tree[division].name if division in outlook.tree else division
        row = _row(people[enterprise], (division, place), first, heads, lines, asked, names, course)
        odd = [one for head in heads.values() for one in stated.get(head, ()) if one.difference]
        course["mismatched"].update(one.day for one in odd)
        rows.append(replace(row, mismatched=len(odd)))
    rows = [row for row in rows if row.reports]
    days = [first + A_DAY * at for at in range(DAYS)]
    counts = {kind: tuple(course[kind][day] if course["reports"][day] else None for day in days) for kind in COURSES}
    rows.sort(key=lambda row: row.name)
    rows.sort(key=lambda row: row.weight, reverse=True)
    places = {row.uscc: row.division for row in rows}
    unlike = _unlike([one for said in stated.values() for one in said], days, people, places, catalogue)
    return Quality(first, last, tuple(rows), tuple(_places(rows)), unlike=tuple(unlike), **counts)


def _row(
    enterprise: Enterprise,
    stands: tuple[str, str],
    first: dt.date,
    heads: Mapping[dt.date, int],
    lines: Mapping[int, Lines],
    asked: Mapping[int, list[tuple[str, str]]],
    names: Mapping[str, str],
    course: Mapping[str, Counter[dt.date]],
) -> Row:
    """One enterprise; adds its days to the courses."""
    flags: list[bool] = []
    unbalanced = questions = 0
    often: Counter[tuple[str, str]] = Counter()
    own = [(day, head) for day, head in heads.items() if day >= first]
    for day, head in own:
        course["reports"][day] += 1
        said = asked.get(head, [])
        questions += len(said)
        course["questions"][day] += len(said)
        often.update(set(said))
        before = heads.get(day - A_DAY)
        if before is None:
            continue
        now, then = lines.get(head, {}), lines.get(before, {})
        is_copied = rules.is_copy(now, then)
        flags.append(is_copied)
        course["copied"][day] += is_copied
        odd = sum(rules.is_unbalanced(now[p], then[p]) for p in now.keys() & then.keys())
        unbalanced += odd
        course["unbalanced"][day] += odd
    recurring = [
        f"{names.get(product, product)}{QuestionCode(code).label}（{times} 天）"
        for (product, code), times in sorted(often.items(), key=lambda one: (-one[1], one[0]))
        if times >= RECURRING
    ]
    return Row(
        name=enterprise.name,
        uscc=enterprise.uscc,
        division=stands[1],
        division_code=stands[0],
        reports=len(own),
        pairs=len(flags),
        copied=sum(flags),
        run=rules.longest(flags),
        questions=questions,
        recurring=tuple(recurring),
        unbalanced=unbalanced,
    )


def _lines(heads: list[int]) -> dict[int, dict[str, Said]]:
    """Lines by revision and product; one query."""
    found: dict[int, dict[str, Said]] = defaultdict(dict)
    rows = ReportLine.objects.filter(revision__in=heads)
    fields = ("capacity", "output", "stock", "shipped", "received", "used")
    for head, product, stage, capacity, output, stock, shipped, received, used in rows.values_list(
        "revision_id", "product_id", "product__stage", *fields
    ):
        found[head][product] = Said(capacity, output, stock, shipped, received, used, makes=stage in MAKING)
    return found


def _asked(heads: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Product and code of the questions by revision; one query."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for head, product, code in Question.objects.filter(revision__in=heads).values_list(
        "revision_id", "product_id", "code"
    ):
        found[head].append((product, code))
    return found


def _stated(heads: list[int]) -> dict[int, list[Compared]]:
    """Stated cumulatives beside ours, by revision; at most four queries."""
    found: dict[int, list[Compared]] = defaultdict(list)
    lines = ReportLine.objects.filter(revision__in=heads, cumulative_stated__isnull=False).order_by("day", "product")
    for one in cumulatives.compared(list(lines)):
        found[one.revision_id].append(one)
    return found


def _unlike(
    stated: Iterable[Compared],
    days: list[dt.date],
    people: Mapping[int, Enterprise],
    places: Mapping[str, str],
    catalogue: Catalogue,
) -> list[Unlike]:
    """Products with a difference on any day, those with most such days first: units cannot be compared, days can."""
    by_pair: dict[tuple[int, str], list[Compared]] = defaultdict(list)
    for one in stated:
        by_pair[one.enterprise_id, one.product].append(one)
    found = []
    for (enterprise, product), said in by_pair.items():
        if not any(one.difference for one in said):
            continue
        by_day = {one.day: one for one in said}
        latest, entry, who = by_day[max(by_day)], catalogue.entries.get(product), people[enterprise]
        found.append(
            Unlike(
                name=who.name,
                uscc=who.uscc,
                division=places.get(who.uscc, ""),
                product=entry.name if entry else product,
                unit=entry.base_unit if entry else "",
                day=latest.day,
                stated=latest.stated,
                ours=latest.ours,
                days=sum(one.difference != 0 for one in said),
                course=tuple(by_day[day].difference if day in by_day else None for day in days),
            )
        )
    return sorted(found, key=lambda one: (-one.days, one.name, one.product))


def _places(rows: Iterable[Row]) -> list[Place]:
    by_place: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_place[row.division_code, row.division].append(row)
    found = [
        Place(*place, *(sum(getattr(row, name) for row in said) for name in SUMMED)) for place, said in by_place.items()
    ]
    return sorted(found, key=lambda place: (-(place.unbalanced + place.mismatched + place.questions), place.code))
