"""The daily report's form: its text becomes typed figures, and refusals find their fields."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict

from enterprises.errors import FieldError, Refused
from enterprises.production_lines import Standing
from supplies.choices import GIVEN, STATED, LimitReason, LineRunState, Measure, ProductionState, QuestionCode
from supplies.daily_reports import Confirm
from supplies.models import Limit, LineRun, Question, ReportLine, Revision
from supplies.rules.figures import Figures, LimitFigures, ProductFigures
from supplies.rules.line_runs import OPEN, RunFigures
from supplies.rules.quantities import Reading, attempt, read_text
from supplies.rules.question_cards import REASONS, Card, answer
from supplies.rules.report_sheet import MAIN, Offer, Row, Section, Typed

NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
PATH = re.compile(r"(lines|limits|line_states)\[(\d+)\](?:\.(\w+))?")
ASKED = re.compile(r"(\w{1,14}):(\d{1,16}):(-?\d{0,16}):(\d{0,16})")
USE = re.compile(r"use:([\w-]{1,60}):(\d{1,16})")
PLAIN = {"autocomplete": "off"}


@dataclass(frozen=True)
class Difficulty:
    """One kind of difficulty: chosen or not, and how much capacity a day it costs, of which product in which unit."""

    reason: str
    label: str
    is_chosen: bool
    lost: str
    of: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Running:
    """One production line on the sheet: how it runs today, as far as somebody said."""

    name: str
    word: str
    field: str
    state: str
    reason: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Before:
    """What the sheet begins with: the day's own figures, or those of the report before; and what they compare with."""

    revision: Revision | None
    lines: Mapping[str, ReportLine]
    compared: Mapping[str, ReportLine]
    limits: Iterable[Limit]
    is_of_the_day: bool
    runs: Iterable[LineRun] = ()
    questions: Iterable[Question] = ()
    copied: Mapping[tuple[str, str], int] = field(default_factory=dict)


class DailyReportForm(forms.Form):
    """The clerk's form. Measures and difficulties are read from the data by name: {product}-{measure}, lost-{reason}.

    Whatever is typed stays as typed: figures are judged by the act alone, so that every channel gives one verdict.
    """

    state = forms.CharField(label="生产状态", max_length=20, required=False)
    staff_due = forms.CharField(label="应到岗", max_length=100, required=False)
    staff_on_duty = forms.CharField(label="实到岗", max_length=100, required=False)
    note = forms.CharField(label="说明", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    caller = forms.CharField(
        label="企业来电人",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"max_length": "姓名最多 60 字。"},
    )
    behalf_reason = forms.CharField(
        label="代报事由",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"max_length": "事由最多 200 字。"},
    )
    based_on = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    on_top_of = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        offers: Mapping[str, Offer],
        owed: tuple[str, ...],
        before: Before,
        licences: Mapping[str, str],
        plants: tuple[Standing, ...] = (),
        is_own: bool,
        is_blank: bool = False,
    ) -> None:
        super().__init__(data)
        self.offers, self.owed, self.before, self.licences = offers, owed, before, licences
        self.plants, self.is_own, self.is_blank = plants, is_own, is_blank
        self.given = self._with_the_likely(data) if data is not None else QueryDict()
        self.held: dict[str, dict[str, Any]] = {}
        self.refusals: dict[str, list[str]] = {}
        self.general: list[str] = []
        self.added = self._typed("add_product") if self.is_bound and self._typed("add_product") in offers else ""

    # --- what came in ------------------------------------------------------------------------------------------------
    @property
    def wants_product(self) -> bool:
        """The clerk asks for one more product, not to submit."""
        return self.is_bound and self._typed("verb") == "add"

    @property
    def wants_likely(self) -> bool:
        """The clerk takes the likely value of a question, to look at it once more before submitting."""
        return self.is_bound and USE.fullmatch(self._typed("verb")) is not None

    @property
    def is_half_way(self) -> bool:
        """Nothing is to be submitted yet."""
        return self.wants_product or self.wants_likely

    def _with_the_likely(self, data: QueryDict) -> QueryDict:
        """What came in, with the likely value in its field where that was asked for; the answers to it fall away."""
        found = USE.fullmatch(str(data.get("verb", "")))
        name = found[1] if found is not None else ""
        code, _, measure = name.rpartition("-")
        if found is None or code not in self.offers or measure not in Measure.values:
            return data
        typed = self.offers[code].written(int(found[2]), str(data.get(f"{name}-unit", "")))
        changed = data.copy()
        changed[name], changed[f"{name}-unit"] = typed.text, typed.unit
        for gone in (f"asked-{name}", f"why-{name}", f"because-{name}"):
            changed.pop(gone, None)
        return changed

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Products on the sheet: those owed, those reported of the day, those added; in the catalogue's order."""
        named = set(self.owed)
        if self.is_bound:
            named |= set(self.given.getlist("product")) | {self.added}
        elif self.before.is_of_the_day:
            named |= set(self.before.lines)
        return tuple(code for code in self.offers if code in named)

    @cached_property
    def nonce(self) -> str:
        """The name of this filling-in: a second tap bears the same, every page a new one."""
        return secrets.token_urlsafe(18)

    def key(self) -> tuple[str, str] | None:
        """Idempotency key and digest of the body; the same page sent with other figures is another request (R6)."""
        nonce = self._typed("nonce")
        if not NONCE.fullmatch(nonce):
            return None
        body = sorted((name, value) for name in self.given for value in self.given.getlist(name))
        said = [pair for pair in body if pair[0] != "csrfmiddlewaretoken"]
        digest = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()
        return f"web:{nonce}:{digest[:32]}", digest

    def based_upon(self) -> int | None:
        """The revision that the clerk saw: the one put under it in a conflict, else the one the page was made from."""
        found: int | None = self.cleaned_data.get("on_top_of") or self.cleaned_data.get("based_on")
        return found

    def clean(self) -> dict[str, Any]:
        for name in self.given.getlist("product"):
            if name not in self.offers:
                self.general.append(f"目录里没有产品“{name[:20]}”。")
        if not self.is_own and not self.is_half_way:
            for name, message in (("caller", "请写来电人的姓名。"), ("behalf_reason", "请写代报的事由。")):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, message)
        return self.cleaned_data

    def is_valid(self) -> bool:
        return super().is_valid() and not self.general

    def figures(self) -> Figures:
        """The typed figures as the act takes them; call when valid."""
        said = self.cleaned_data
        return Figures(
            state=said["state"] or ProductionState.RUNNING,
            lines=tuple(self._line(code) for code in self._spoken_of),
            staff_due=_reading(said["staff_due"]),
            staff_on_duty=_reading(said["staff_on_duty"]),
            note=said["note"],
            limits=tuple(self._limit(reason) for reason in self._reasons),
            runs=tuple(
                RunFigures(one.pk, self._typed(f"run-{one.pk}"), self._typed(f"run-{one.pk}-why"))
                for one in self._running
            ),
        )

    def confirmations(self) -> tuple[Confirm, ...]:
        """Answers to questions, each for the figure it was given for: another figure is asked about anew (R20)."""
        found = []
        for code in self._spoken_of:
            for measure in Measure.values:
                name = f"{code}-{measure}"
                reason, asked = self._reason(name), ASKED.fullmatch(self._typed(f"asked-{name}"))
                typed = Typed(self._typed(name), self._typed(f"{name}-unit"))
                if reason and asked is not None and self.offers[code].amount(typed) == int(asked[2]):
                    found.append(Confirm(code, reason, measure))
        return tuple(found)

    def _reason(self, name: str) -> str:
        return answer(self.given.getlist(f"why-{name}"), self._typed(f"because-{name}"))

    @cached_property
    def _spoken_of(self) -> tuple[str, ...]:
        """Products that make a line: those owed, and others where something is typed."""
        return tuple(code for code in self.codes if code in self.owed or any(self._typed(f"{code}-{m}") for m in GIVEN))

    def _line(self, code: str) -> ProductFigures:
        given = {m: self._typed(f"{code}-{m}") for m in GIVEN}
        return ProductFigures(
            code,
            {m: attempt(read_text, text) for m, text in given.items() if text.strip()},
            units={m: self._typed(f"{code}-{m}-unit") for m in given},
            attested=self._attested(code) if self.attests else frozenset(),
        )

    @property
    def attests(self) -> bool:
        """The clerk declares that what stands there unchanged is the same as in the report before."""
        return self.is_bound and self._typed("verb") == "same"

    @property
    def is_as_before(self) -> bool:
        """Whether the sheet may be sent as the same: an earlier report gives a figure for every product owed."""
        return all(code in self.before.compared for code in self.owed) and bool(self.before.compared)

    def _attested(self, code: str) -> frozenset[str]:
        """Measures typed that come to the same as in the report before."""
        line = self.before.compared.get(code)
        typed = {m: Typed(self._typed(f"{code}-{m}"), self._typed(f"{code}-{m}-unit")) for m in Measure.values}
        before = {m: getattr(line, m, None) for m in typed}
        return frozenset(
            m for m, one in typed.items() if before[m] is not None and self.offers[code].amount(one) == before[m]
        )

    @cached_property
    def _reasons(self) -> tuple[str, ...]:
        chosen = self.given.getlist("limit")
        return tuple(r for r in LimitReason.values if r in chosen or self._typed(f"lost-{r}").strip())

    @cached_property
    def _running(self) -> tuple[Standing, ...]:
        """Production lines of which something was said, in the order of the sheet."""
        return tuple(one for one in self.plants if self._typed(f"run-{one.pk}"))

    def _limit(self, reason: str) -> LimitFigures:
        lost = self._typed(f"lost-{reason}").strip()
        product, _, unit = self._typed(f"lost-{reason}-of").partition("|")
        if not lost or product not in self.offers:
            return LimitFigures(reason, lost=_reading(lost))
        return LimitFigures(reason, product, _reading(lost), unit)

    def _typed(self, name: str) -> str:
        return str(self.given.get(name, ""))

    # --- refusals find their fields ------------------------------------------------------------------------------------
    def refuse(self, refused: Refused) -> None:
        """Put the reasons of a refusal beside the fields they speak of."""
        asked = list(refused.extra.get("questions", ())) if refused.code == "held" else []
        self.held = {f"{one['product']}-{one['measure']}": one for one in asked}
        for error in refused.errors:
            name = self._field_of(error)
            if name in self.held:
                continue
            if name in self.fields:
                self.add_error(name, error.message)
            elif name:
                self.refusals.setdefault(name, []).append(error.message)
            else:
                self.general.append(error.message)

    def _field_of(self, error: FieldError) -> str:
        found = PATH.fullmatch(error.field)
        if found is None:
            return error.field if error.field in self.fields else ""
        kind, at, part = found[1], int(found[2]), found[3]
        if kind == "line_states":
            return f"run-{self._running[at].pk}" if at < len(self._running) else ""
        names = self._spoken_of if kind == "lines" else self._reasons
        if at >= len(names):
            return ""
        if kind == "limits":
            return f"lost-{names[at]}"
        return f"{names[at]}-{part}" if part in GIVEN else names[at]

    # --- what the page shows -------------------------------------------------------------------------------------------
    @cached_property
    def chosen_state(self) -> str:
        if self.is_bound:
            return self._typed("state")
        return self.before.revision.state if self.before.revision is not None else ProductionState.RUNNING

    @property
    def states(self) -> list[tuple[str, str]]:
        return list(ProductionState.choices)

    @cached_property
    def sections(self) -> list[Section]:
        """All products of the sheet as they stand."""
        return [self._section(self.offers[code]) for code in self.codes]

    @property
    def further_products(self) -> list[tuple[str, str]]:
        """Products that may be added; those of the last report first."""
        left = [code for code in self.offers if code not in self.codes]
        left.sort(key=lambda code: code not in self.before.compared)
        return [(code, self.offers[code].name) for code in left]

    @cached_property
    def difficulties(self) -> list[Difficulty]:
        return [self._difficulty(reason, label) for reason, label in LimitReason.choices]

    @property
    def lost_of(self) -> list[tuple[str, str]]:
        """What a loss may be counted in: product and unit together, a day."""
        several = len(self.codes) > 1
        return [
            (f"{code}|{unit}", f"{self.offers[code].name if several else ''} {unit}/日".strip())
            for code in self.codes
            for unit in self.offers[code].choices()
            if Measure.CAPACITY in self.offers[code].required or not several
        ]

    @property
    def is_troubled(self) -> bool:
        return any(one.is_chosen or one.errors for one in self.difficulties)

    @cached_property
    def running(self) -> list[Running]:
        """The production lines as they stand on the sheet; those of the report before are where the clerk begins."""
        before = {run.line_id: run for run in self.before.runs} if not self.is_blank else {}
        found = []
        for one in self.plants:
            name, old = f"run-{one.pk}", before.get(one.pk)
            state, reason = (old.state, old.reason) if old is not None else ("", "")
            if self.is_bound:
                state, reason = self._typed(name)[:12], self._typed(f"{name}-why")[:12]
            errors = tuple(self.refusals.get(name, ()))
            found.append(Running(one.name, "" if one.state == "running" else one.word, name, state, reason, errors))
        return found

    @property
    def run_states(self) -> list[tuple[str, str]]:
        return list(LineRunState.choices)

    @property
    def run_reasons(self) -> list[tuple[str, str]]:
        return list(LimitReason.choices)

    @property
    def running_words(self) -> str:
        """What the folded part says of itself."""
        said = [one for one in self.running if one.state]
        is_open = sum(one.state in OPEN for one in said)
        return f"{len(said)} 条线，{is_open} 条开" if said else "选填"

    def value(self, name: str) -> str:
        """What stands in a plain field."""
        if self.is_bound:
            return self._typed(name)
        said = getattr(self.before.revision, name, None) if self.before.revision is not None else None
        if said is None or self.is_blank or (name == "note" and not self.before.is_of_the_day):
            return ""
        return str(said)

    @property
    def values(self) -> dict[str, str]:
        return {name: self.value(name) for name in ("staff_due", "staff_on_duty", "note", "caller", "behalf_reason")}

    @property
    def count(self) -> int:
        """How many places need another look."""
        return len(self.refusals) + len(self.errors) + len(self.general) + len(self.held)

    def _section(self, offer: Offer) -> Section:
        rows = {m: self._row(offer, m) for m in GIVEN}
        if Measure.OUTPUT not in offer.required and not rows[STATED].typed.text:
            del rows[STATED]  # nothing is made of it
        return Section(
            code=offer.code,
            name=offer.name,
            base_unit=offer.base_unit,
            is_owed=offer.code in self.owed,
            licence=self.licences.get(offer.code, ""),
            main=tuple(row for m, row in rows.items() if m in MAIN),
            further=tuple(row for m, row in rows.items() if m not in MAIN),
            factors=offer.units,
            errors=tuple(self.refusals.get(offer.code, ())),
        )

    def _row(self, offer: Offer, measure: str) -> Row:
        name = f"{offer.code}-{measure}"
        line, compared = self.before.lines.get(offer.code), self.before.compared.get(offer.code)
        if self.is_bound and name in self.given:
            typed = Typed(self._typed(name)[:100], self._typed(f"{name}-unit")[:20])
        else:
            # a halt folds figures away, so that they do not come in; they are still there if work goes on
            typed = offer.written(getattr(line, measure, None), _unit(line, measure))
            # yesterday's cumulative is wrong today by what was made since
            is_past = measure == STATED and not self.before.is_of_the_day
            typed = replace(typed, text="") if self.is_blank or is_past else typed
        previous = getattr(compared, measure, None) if measure != STATED else None
        row = offer.row(measure, typed, previous, self.refusals.get(name, ()))
        card = self._card(offer, measure, row.amount)
        copied = self.before.copied.get((offer.code, measure), 0)
        return replace(row, is_required=row.is_required and offer.code in self.owed, card=card, copied=copied)

    def _card(self, offer: Offer, measure: str, amount: int | None) -> Card | None:
        """The question about a figure: the one that holds it back, the one answered in what came in, or a stored one."""
        name = f"{offer.code}-{measure}"
        card = Card(name, offer.name, offer.base_unit, measure, "", 0)
        if self.is_bound:
            card = replace(card, chosen=tuple(self.given.getlist(f"why-{name}")), reason=self._typed(f"because-{name}"))
        if (held := self.held.get(name)) is not None:
            seen, expected, proposed = (_thousandths(held[key]) for key in ("seen", "expected", "proposed"))
            card = replace(card, code=held["question"], seen=seen or 0, expected=expected, proposed=proposed)
            return replace(card, is_held=True)
        if self.is_bound:
            asked = ASKED.fullmatch(self._typed(f"asked-{name}"))
            if asked is None or asked[1] not in QuestionCode.values or int(asked[2]) != amount:
                return None
            expected, proposed = (int(part) if part.strip("-") else None for part in (asked[3], asked[4]))
            return replace(card, code=asked[1], seen=int(asked[2]), expected=expected, proposed=proposed)
        return self._stored(card, offer.code, amount)

    def _stored(self, card: Card, code: str, amount: int | None) -> Card | None:
        """A question that the day's own revision raised, with the answer once given; that goes along again (R20)."""
        for one in self.before.questions:
            if (one.product_id, one.measure, one.seen) == (code, card.measure, amount):
                given = getattr(one, "confirmation", None)
                card = replace(card, code=one.code, seen=one.seen, expected=one.expected, proposed=one.proposed)
                words = given.reason.split("，") if given is not None else []
                rest = "，".join(word for word in words if word not in REASONS)
                return replace(card, chosen=tuple(word for word in words if word in REASONS), reason=rest)
        return None

    def _difficulty(self, reason: str, label: str) -> Difficulty:
        errors = tuple(self.refusals.get(f"lost-{reason}", ()))
        if self.is_bound:
            lost, of = self._typed(f"lost-{reason}")[:100], self._typed(f"lost-{reason}-of")
            return Difficulty(reason, label, reason in self._reasons, lost, of, errors)
        stored = next((one for one in self.before.limits if one.reason == reason), None)
        if stored is None:
            return Difficulty(reason, label, False, "", "")
        offer = self.offers.get(stored.product_id or "")
        typed = offer.written(stored.lost, "") if offer is not None else Typed()
        return Difficulty(reason, label, True, typed.text, f"{stored.product_id or ''}|{typed.unit}")


def _unit(line: ReportLine | None, measure: str) -> str:
    """The unit in which a figure was typed last time."""
    return str(line.entered.get(measure, {}).get("unit", "")) if line is not None else ""


def _thousandths(figure: int | Decimal | None) -> int | None:
    """An exact number of base units as it is stored."""
    return None if figure is None else int(figure * 1000)


def _reading(text: str) -> Reading | None:
    return attempt(read_text, text) if text.strip() else None
