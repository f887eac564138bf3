"""Pure: one enterprise's figures of one day, as they came through a channel and as they will be stored (R3, R19)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from enterprises.errors import FieldError, Invalid
from enterprises.rules.exact_json import dumps
from supplies.choices import GIVEN, STATED, LimitReason, Measure, ProductionState
from supplies.rules import line_runs
from supplies.rules.catalogue import Factor
from supplies.rules.line_runs import Run, RunFigures
from supplies.rules.quantities import Number, Reading, Unreadable, convert
from supplies.rules.suggestions import quoted

LONGEST_NOTE = 2000
PEOPLE: Mapping[str, Factor] = {"人": (1, 1), "名": (1, 1)}
MADE = (Measure.CAPACITY, Measure.OUTPUT)
"""What a halt makes 0 (R3)."""


@dataclass(frozen=True)
class ProductFigures:
    """What was said about one product: its code, a reading per measure given, and the unit column.

    `units` names the unit of single measures, where each has a unit of its own; it wins over the column. `attested`
    names the measures declared to be the same as in the report before.
    """

    product: str
    figures: Mapping[str, Reading]
    unit: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    attested: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LimitFigures:
    """What limits capacity, and how much of a product a day is lost by it."""

    reason: str
    product: str | None = None
    lost: Reading | None = None
    unit: str = ""


@dataclass(frozen=True)
class Figures:
    """A submission as it came in; the order of lines and limits is kept so that faults can name them.

    `faults` are those of its shape which the channel has found already; they are answered together with the others.
    """

    state: str = ProductionState.RUNNING
    lines: tuple[ProductFigures, ...] = ()
    staff_due: Reading | None = None
    staff_on_duty: Reading | None = None
    note: str = ""
    limits: tuple[LimitFigures, ...] = ()
    runs: tuple[RunFigures, ...] = ()
    faults: tuple[FieldError, ...] = ()

    def with_faults(self, faults: Iterable[FieldError]) -> Figures:
        """The same with faults of its shape."""
        return replace(self, faults=(*self.faults, *faults))


@dataclass(frozen=True)
class Terms:
    """What a product asks for: its name, base unit, required measures, and the units that may be used (R16)."""

    name: str
    base_unit: str
    required: tuple[str, ...]
    units: Mapping[str, Factor]


@dataclass(frozen=True)
class Owed:
    """What the unexempted duties of a day ask for (R2): products in the catalogue's order; state and staff."""

    products: tuple[str, ...] = ()
    has_state_duty: bool = False


@dataclass(frozen=True)
class Line:
    """Thousandths of the base unit per figure given, and each as typed with the factor used (R5, R16).

    Figures are those of the measures, and the cumulative that the enterprise states (R11).
    """

    product: str
    amounts: Mapping[str, int]
    entered: Mapping[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class LimitLine:
    reason: str
    product: str | None = None
    lost: int | None = None


@dataclass(frozen=True)
class Statement:
    """Figures that can be stored."""

    state: str
    lines: tuple[Line, ...]
    staff_due: int | None = None
    staff_on_duty: int | None = None
    note: str = ""
    limits: tuple[LimitLine, ...] = ()
    runs: tuple[Run, ...] = ()

    def fingerprint(self) -> str:
        """Equal where stored figures, state, staff, note, limits and lines are; neither spelling nor order matters (R6).

        What a report does not say leaves no trace here, so that older fingerprints stay comparable.
        """
        lines = sorted(
            [line.product, [line.amounts.get(m) for m in Measure.values]]
            + ([line.amounts[STATED]] if STATED in line.amounts else [])
            for line in self.lines
        )
        limits = sorted(
            [limit.reason, limit.product or "", -1 if limit.lost is None else limit.lost] for limit in self.limits
        )
        said: list[Any] = [self.state, self.staff_due, self.staff_on_duty, self.note, lines, limits]
        if self.runs:
            said.append(sorted([run.line, run.state, run.reason] for run in self.runs))
        return hashlib.sha256(dumps(said).encode()).hexdigest()


def check(
    figures: Figures, *, owed: Owed, terms: Mapping[str, Terms], lines_known: Mapping[int, str] | None = None
) -> Statement:
    """The statement that these figures make; refuses (invalid) with one reason per fault, all at once.

    `terms` holds the products that exist on the day, at least those named and those owed; `lines_known` the enterprise's
    production lines of the day, names by number. A halt makes capacity and
    output 0 on every line that would require them, and a line for each owed product that has none (R3).
    """
    faults: list[FieldError] = []
    if figures.state not in ProductionState.values:
        states = "、".join(ProductionState.values)
        faults.append(FieldError("state", "unknown_state", f"没有这种生产状态。可以写 {states}。"))
    note = figures.note.replace("\r\n", "\n").strip()
    if len(note) > LONGEST_NOTE:
        faults.append(FieldError("note", "too_long", f"说明最多 {LONGEST_NOTE} 字。"))
    is_halted = figures.state == ProductionState.HALTED
    lines = [_line(at, given, terms, is_halted, faults) for at, given in enumerate(figures.lines)]
    _repeated([f"lines[{at}].product" for at in range(len(lines))], [line.product for line in lines], faults)
    lines += _owed_lines(figures, owed, terms, is_halted, faults)
    limits = [_limit(at, given, terms, faults) for at, given in enumerate(figures.limits)]
    runs = line_runs.check(figures.runs, known=lines_known or {}, is_halted=is_halted, faults=faults)
    staff = [_staff(name, reading, faults) for name, reading in _staff_readings(figures)]
    _refuse(figures.faults, faults)
    state = ProductionState(figures.state).value
    return Statement(state, tuple(lines), staff[0], staff[1], note, tuple(limits), runs)


def _refuse(of_shape: Iterable[FieldError], of_figures: Iterable[FieldError]) -> None:
    """Refuse if there are faults. What follows from a fault of shape is not said again of the same field."""
    faults = list(of_shape)
    malformed = {fault.field for fault in faults}
    faults += [fault for fault in of_figures if fault.field not in malformed]
    if faults:
        raise Invalid.of(faults)


def _line(
    at: int, given: ProductFigures, terms: Mapping[str, Terms], is_halted: bool, faults: list[FieldError]
) -> Line:
    asked = terms.get(given.product)
    if asked is None:
        message = f"目录里没有产品“{quoted(given.product)}”。"
        faults.append(FieldError(f"lines[{at}].product", "unknown_product", message))
        return Line(given.product, {})
    amounts: dict[str, int] = {}
    entered: dict[str, dict[str, Any]] = {}
    for measure, reading in given.figures.items():
        path = f"lines[{at}].{measure}"
        if measure not in GIVEN:
            faults.append(FieldError(path, "unknown_measure", f"没有“{quoted(measure)}”这一项。"))
        elif (read := _converted(path, reading, asked, given.units.get(measure, given.unit), faults)) is not None:
            amounts[measure], entered[measure] = read
            if measure in given.attested:
                entered[measure]["attested"] = True
            if is_halted and measure in MADE and amounts[measure]:
                message = f"停产日的{Measure(measure).label}应为 0；在生产就把状态改为部分生产。"
                faults.append(FieldError(path, "halted_with_figures", message))
    for measure in asked.required:
        if is_halted and measure in MADE:
            amounts.setdefault(measure, 0)
        elif not is_halted and measure not in given.figures:
            label = Measure(measure).label
            message = f"缺少{asked.name}的{label}；没有就写 0。"
            faults.append(FieldError(f"lines[{at}].{measure}", "missing_measure", message))
    return Line(given.product, amounts, entered)


def _converted(
    path: str, reading: Reading, asked: Terms, unit: str, faults: list[FieldError]
) -> tuple[int, dict[str, Any]] | None:
    """Thousandths, and the figure as typed; a fault of the unit column is noted on the unit, once per row."""
    if isinstance(reading, Unreadable):
        faults.append(FieldError(path, reading.code, reading.message))
        return None
    try:
        quantity = convert(reading, units=asked.units, base_unit=asked.base_unit, column=unit)
    except Unreadable as fault:
        of_column = fault.code == "unknown_unit" and not reading.unit
        error = FieldError(path.rpartition(".")[0] + ".unit" if of_column else path, fault.code, fault.message)
        if error not in faults:
            faults.append(error)
        return None
    typed = {"text": reading.text[:100], "unit": quantity.unit, "num": quantity.num, "den": quantity.den}
    return quantity.amount, typed


def _owed_lines(
    figures: Figures, owed: Owed, terms: Mapping[str, Terms], is_halted: bool, faults: list[FieldError]
) -> list[Line]:
    given = {line.product for line in figures.lines}
    missing = [code for code in owed.products if code not in given]
    if is_halted:
        return [Line(code, {m: 0 for m in terms[code].required if m in MADE}) for code in missing]
    for code in missing:
        faults.append(FieldError("lines", "missing_line", f"缺少{terms[code].name}（{code}）这一行。"))
    if not figures.lines and not owed.products and not owed.has_state_duty:
        faults.append(FieldError("lines", "missing_line", "至少要填一种产品。"))
    return []


def _limit(at: int, given: LimitFigures, terms: Mapping[str, Terms], faults: list[FieldError]) -> LimitLine:
    path, lost = f"limits[{at}]", None
    if given.reason not in LimitReason.values:
        reasons = "、".join(LimitReason.values)
        faults.append(FieldError(f"{path}.reason", "unknown_reason", f"没有这种原因。可以写 {reasons}。"))
    if given.product is not None and given.product not in terms:
        message = f"目录里没有产品“{quoted(given.product)}”。"
        faults.append(FieldError(f"{path}.product", "unknown_product", message))
    elif given.lost is not None and given.product is None:
        message = "写影响产能时要写是哪一种产品。"
        faults.append(FieldError(f"{path}.product", "lost_without_product", message))
    elif given.lost is not None and given.product is not None:
        read = _converted(f"{path}.lost", given.lost, terms[given.product], given.unit, faults)
        lost = read[0] if read is not None else None
    return LimitLine(given.reason, given.product, lost)


def _staff_readings(figures: Figures) -> Iterator[tuple[str, Reading | None]]:
    yield "staff_due", figures.staff_due
    yield "staff_on_duty", figures.staff_on_duty


def _staff(name: str, reading: Reading | None, faults: list[FieldError]) -> int | None:
    """Heads: whole, at most seven digits."""
    if reading is None:
        return None
    if isinstance(reading, Number):
        try:
            heads = convert(reading, units=PEOPLE, base_unit="人", places=0).amount // 1000
        except Unreadable as fault:
            reading = fault
        else:
            if heads < 10**7:
                return heads
            reading = Unreadable("too_large", "人数太大，要小于 1000 万。")
    code = "not_whole" if reading.code == "too_many_decimals" else reading.code
    faults.append(FieldError(name, code, reading.message))
    return None


def _repeated(paths: Iterable[str], codes: Iterable[str], faults: list[FieldError]) -> None:
    seen: set[str] = set()
    for path, code in zip(paths, codes, strict=True):
        if code in seen:
            faults.append(FieldError(path, "duplicate_product", f"产品“{quoted(code)}”写了两次。"))
        seen.add(code)
