"""The sheet of one enterprise and day: what is owed, what was said before, by when, and who may fill it in (R1-R6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from enterprises import access, production_lines
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account, DivisionFact, Enterprise
from enterprises.production_lines import Standing
from enterprises.rules import expiry
from enterprises.rules.division_tree import Tree
from supplies import access as filing
from supplies import daily_reports, products, reporting_settings
from supplies.choices import Channel
from supplies.daily_reports import Prefill
from supplies.models import CertificateProduct, DailyReport, Limit, LineRun, Question, ReportLine, Revision
from supplies.rules.catalogue import Entry
from supplies.rules.figures import Owed
from supplies.rules.report_sheet import Offer, window_words

LICENCES = ("none", "revoked", "expired", "early", "pending", "expiring", "valid")
"""States of the best certificate of a product, the weakest first."""


@dataclass(frozen=True)
class Sheet:
    """Everything a clerk's page shows of (enterprise, day) apart from what is being typed.

    is_own: the account files for its own enterprise; else on behalf, where the enterprise has filed nothing (R5).
    places: names from the reporting unit up to the city. window: the hours that the day covers (R1). before: what was
    said of the day itself and before it. plants: production lines that stand in the workshop on the day, and those that
    `runs` speaks of, which are those of the day's report or of the one before. copied: reports in which a figure has
    stayed the same, by product and measure.
    """

    enterprise: Enterprise
    day: dt.date
    is_own: bool
    places: tuple[str, ...]
    cut_off_at: dt.datetime | None
    window: str
    owed: Owed
    offers: Mapping[str, Offer]
    licences: Mapping[str, str]
    before: Prefill
    limits: tuple[Limit, ...] = ()
    plants: tuple[Standing, ...] = ()
    runs: tuple[LineRun, ...] = ()
    questions: tuple[Question, ...] = ()
    copied: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def latest(self) -> Revision | None:
        """The day's latest revision, on which a change is based (R6)."""
        return self.before.current

    @property
    def is_taken(self) -> bool:
        """Filed by the enterprise itself, so that nobody may file on its behalf (R5)."""
        return not self.is_own and self.latest is not None and self.latest.channel != Channel.ON_BEHALF

    @property
    def previous_day(self) -> dt.date | None:
        """The day of the report before, which the figures are compared with."""
        return self.before.previous.report.day if self.before.previous is not None else None


def own(account: Account) -> list[Enterprise]:
    """Enterprises for which the account files as their own clerk, in the order of pinyin."""
    mine = access.reach(account, "reports:write").enterprises
    return list(Enterprise.objects.filter(pk__in=mine)) if mine else []


def sheet(account: Account, *, uscc: str | None, day: dt.date) -> Sheet:
    """The sheet to fill in; without `uscc` that of the account's only enterprise.

    Refuses: forbidden (an account that files for nobody), not_found (foreign, missing, or several and none named).
    A fixed number of queries, whatever the history and the number of products.
    """
    enterprise, mine = _fillable(account, uscc)
    catalogue = products.catalogue(day)
    packs = products.packs(enterprise.pk, day)
    before = daily_reports.prefill(enterprise, day)
    unit, tree = filing.division_on(enterprise, day), DivisionFact.objects.tree(day)
    settings = reporting_settings.on(day, tree=tree).get(unit or "")
    runs = tuple(LineRun.objects.filter(revision=before.current or before.previous or 0))
    spoken_of = {run.line_id for run in runs}
    return Sheet(
        enterprise=enterprise,
        day=day,
        is_own=enterprise.pk in {one.pk for one in mine},
        places=_names(tree, unit),
        cut_off_at=settings.cut_off_at if settings is not None else None,
        window=window_words(settings.window) if settings is not None else "",
        owed=daily_reports.owed(enterprise, day),
        offers={entry.code: _offer(entry, packs.get(entry.code, {})) for entry in catalogue.entries.values()},
        licences=_licences(enterprise, day, catalogue.entries.values()),
        before=before,
        limits=tuple(Limit.objects.filter(revision=before.current).order_by("id")) if before.current else (),
        plants=tuple(
            one
            for one in production_lines.standing([enterprise], day).get(enterprise.pk, ())
            if one.is_at_work or (one.state and one.pk in spoken_of)
        ),
        runs=runs,
        questions=tuple(questions_of(before.current)) if before.current else (),
        copied=daily_reports.copied(enterprise, day),
    )


def report(account: Account, *, uscc: str | None, day: dt.date) -> DailyReport:
    """The report of a day within reach, with its enterprise; refuses not_found alike for foreign and missing ones."""
    reports = filing.reports(account).filter(day=day).select_related("enterprise", "head")
    if uscc is None:
        reports = reports.filter(enterprise__in=own(account)[:2])
    else:
        reports = reports.filter(enterprise__uscc=uscc)
    found = list(reports[:2])
    if len(found) != 1:
        raise NotFound("没有找到这份日报。", field="enterprise")
    return found[0]


def revisions(report: DailyReport) -> QuerySet[Revision]:
    """All revisions of a report, the newest first, with authors, lines (in the catalogue's order), limits, runs."""
    lines = ReportLine.objects.select_related("product").order_by("product__order", "product_id")
    found = daily_reports.with_review(Revision.objects.filter(report=report)).select_related("author")
    runs = LineRun.objects.select_related("line").order_by("line__name")
    return found.prefetch_related(Prefetch("lines", lines), "limits", Prefetch("runs", runs)).order_by("-number")


def questions_of(*revisions: Revision) -> QuerySet[Question]:
    """The questions about revisions with their answers, in the catalogue's order; one query."""
    asked = Question.objects.filter(revision__in=revisions).select_related("product", "confirmation__actor")
    return asked.order_by("product__order", "product_id", "id")


def places(enterprise: Enterprise, day: dt.date) -> tuple[str, ...]:
    """Names of the divisions whose totals the enterprise's figures of the day are in, the smallest first (R15)."""
    return _names(DivisionFact.objects.tree(day), filing.division_on(enterprise, day))


def _names(tree: Tree, unit: str | None) -> tuple[str, ...]:
    return tuple(node.name for node in tree.path(unit) if node.level != "province") if unit is not None else ()


def fillable(account: Account, uscc: str | None) -> Enterprise:
    """The enterprise whose sheet the account may fill in; refuses as `sheet` does."""
    return _fillable(account, uscc)[0]


def _fillable(account: Account, uscc: str | None) -> tuple[Enterprise, list[Enterprise]]:
    mine = own(account)
    if not mine and not access.may(account, "reports:on_behalf"):
        raise Forbidden("您的账号不填报日报。")
    named = [one for one in mine if uscc is None or one.uscc == uscc]
    if len(named) == 1:
        return named[0], mine
    if uscc is None:
        raise NotFound("请先选择企业。", field="enterprise")
    return access.enterprise(account, uscc, "reports:on_behalf"), mine


def _offer(entry: Entry, packs: Mapping[str, tuple[int, int]]) -> Offer:
    return Offer(
        code=entry.code,
        name=entry.name,
        base_unit=entry.base_unit,
        display_unit=entry.display_unit,
        required=entry.required,
        units={**entry.units, **packs},
        packs=tuple(packs),
    )


def _licences(enterprise: Enterprise, day: dt.date, entries: Iterable[Entry]) -> dict[str, str]:
    """State of the best certificate per product that needs one (R18). One query."""
    kinds = {entry.code: entry.certificate_kinds for entry in entries if entry.certificate_kinds}
    found = dict.fromkeys(kinds, LICENCES[0])
    held = CertificateProduct.objects.believed().filter(
        certificate__enterprise=enterprise, certificate__known_until__isnull=True
    )
    for row in held.select_related("certificate"):
        certificate = row.certificate
        if certificate.kind in kinds.get(row.product_id, ()):
            state = expiry.on(
                day, valid_from=certificate.valid_from, valid_to=certificate.valid_to, status=certificate.status
            ).state
            found[row.product_id] = max(found[row.product_id], state, key=LICENCES.index)
    return found
