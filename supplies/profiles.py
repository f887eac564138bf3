"""Profiles: one enterprise with its facts, lines, certificates, duties and the history of its reports."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from enterprises import access as reach
from enterprises import production_lines
from enterprises.choices import LineState, MembershipList, StartKind
from enterprises.models import Account, Certificate, DivisionFact, Enterprise, EnterpriseFact, Membership, Placement
from enterprises.rules import expiry
from enterprises.rules.division_tree import Tree
from supplies import access, courses, daily_reports, products
from supplies.choices import Channel, ProductionState
from supplies.daily_reports.description import reports_with_review
from supplies.models import CertificateProduct, DailyReport, Exemption, LineProduct, LineRun, ReportingDuty, ReportLine
from supplies.rules.catalogue import Catalogue
from supplies.rules.line_runs import OPEN
from supplies.rules.scales import Scale

COURSE_DAYS = 30
REPORTS_SHOWN = 30


@dataclass(frozen=True)
class Figure:
    """One product's figures in a report, thousandths of the base unit."""

    product: str
    unit: str
    capacity: int | None
    output: int | None
    stock: int | None
    shipped: int | None


@dataclass(frozen=True)
class Filed:
    """One report: its latest revision. lines, lines_open: production lines it speaks of, and those that run."""

    day: dt.date
    report_id: int
    revision: int
    state: str
    state_word: str
    review: str
    is_late: bool
    first_received_at: dt.datetime
    received_at: dt.datetime
    channel: str
    on_behalf_of: str
    lines: int
    lines_open: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Duty:
    """What the enterprise owes, and what it has been saying of it."""

    product: str
    starts_on: dt.date
    ends_on: dt.date | None
    is_exempted: bool
    unit: str
    course: tuple[int | None, ...]
    latest: int | None
    latest_unit: str


@dataclass(frozen=True)
class Holding:
    """A certificate with its state today."""

    kind: str
    number: str
    products: tuple[str, ...]
    valid_from: dt.date
    valid_to: dt.date | None
    state: str
    days_left: int | None


@dataclass(frozen=True)
class Plant:
    """A production line: its state today, since when, and what it makes at which rated capacity."""

    name: str
    state: str
    kind: str
    expected_on: dt.date | None
    makes: tuple[Figure, ...]


@dataclass(frozen=True)
class Profile:
    """Everything the page says. `filed` is empty for those who may not read reports."""

    enterprise: Enterprise
    name: str
    status: str
    start_kind: str
    division_name: str
    earlier_divisions: tuple[tuple[str, dt.date], ...]
    lists: tuple[str, ...]
    duties: tuple[Duty, ...]
    plants: tuple[Plant, ...]
    certificates: tuple[Holding, ...]
    filed: tuple[Filed, ...]
    report_count: int
    reads_reports: bool


def profile(account: Account, uscc: str) -> Profile:
    """One enterprise within reach; refuses not_found alike for a foreign and a missing one. Queries do not depend on rows."""
    # a code has letters and digits only; not every database takes what else an address may hold
    enterprise = reach.enterprise(account, uscc if uscc.isalnum() else "")
    day = timezone.localdate()
    catalogue = products.catalogue(day)
    tree = DivisionFact.objects.tree(day)
    fact = EnterpriseFact.objects.believed().on(day).filter(enterprise=enterprise).order_by("id").last()
    placed = list(Placement.objects.believed().filter(enterprise=enterprise).order_by("-starts_on"))
    here = [p for p in placed if p.starts_on <= day and (p.ends_on is None or p.ends_on >= day)]
    names = dict(MembershipList.choices)
    lists = Membership.objects.believed().on(day).filter(enterprise=enterprise).values_list("list", flat=True)
    reads = reach.may(account, "reports:read")
    reports = access.reports(account).filter(enterprise=enterprise)
    return Profile(
        enterprise=enterprise,
        name=fact.name if fact else enterprise.name,
        status=fact.get_status_display() if fact else "",
        start_kind=dict(StartKind.choices).get(fact.start_kind, "") if fact else "",
        division_name="、".join(_named(tree, p.division_id) for p in here),
        earlier_divisions=tuple(
            (_named(tree, p.division_id), p.ends_on) for p in placed if p.ends_on is not None and p.ends_on < day
        ),
        lists=tuple(names.get(name, name) for name in lists),
        duties=duties(enterprise, day, catalogue, reads_figures=reads),
        plants=plants(enterprise, day, catalogue),
        certificates=certificates(enterprise, day, catalogue),
        filed=filed(
            enterprise,
            list(reports_with_review(reports).select_related("head").order_by("-day")[:REPORTS_SHOWN]),
            catalogue,
        )
        if reads
        else (),
        report_count=reports.count() if reads else 0,
        reads_reports=reads,
    )


def _named(tree: Tree, code: str) -> str:
    return tree[code].name if code in tree else code


def scale(catalogue: Catalogue, code: str) -> Scale:
    entry = catalogue[code]
    return Scale.of(entry.base_unit, entry.display_unit, entry.units)


def duties(enterprise: Enterprise, day: dt.date, catalogue: Catalogue, *, reads_figures: bool) -> tuple[Duty, ...]:
    """Duties that hold today or will, each with the course of the product's capacity."""
    rows = [
        d
        for d in ReportingDuty.objects.believed().filter(enterprise=enterprise).order_by("starts_on", "product_id")
        if d.ends_on is None or d.ends_on >= day
    ]
    exempted = set(
        Exemption.objects.believed().on(day).filter(enterprise=enterprise).values_list("product_id", flat=True)
    )
    codes = [d.product_id for d in rows if d.product_id in catalogue]
    said: dict[str, list[int | None]] = {code: [None] * COURSE_DAYS for code in codes}
    if reads_figures:
        said |= courses.by_product(enterprise=enterprise.pk, products=codes, until=day, days=COURSE_DAYS)
    found = []
    for d in rows:
        code = d.product_id
        course = tuple(said.get(code, ()))
        known = [c for c in course if c is not None]
        amount, unit = scale(catalogue, code).shown(known[-1] if known else None) if code in catalogue else (None, "")
        found.append(
            Duty(
                product=catalogue[code].name if code in catalogue else "生产状态与人员",
                starts_on=d.starts_on,
                ends_on=d.ends_on,
                is_exempted=None in exempted or code in exempted,
                unit=unit,
                course=course,
                latest=amount,
                latest_unit=unit,
            )
        )
    return tuple(found)


def plants(enterprise: Enterprise, day: dt.date, catalogue: Catalogue) -> tuple[Plant, ...]:
    """Lines with what they make. Three queries."""
    kinds = dict(StartKind.choices)
    made: dict[int, list[Figure]] = {}
    rows = LineProduct.objects.believed().on(day).filter(line__enterprise=enterprise)
    for line, code, rated in rows.values_list("line_id", "product_id", "rated_capacity"):
        if code in catalogue:
            amount, unit = scale(catalogue, code).shown(rated)
            made.setdefault(line, []).append(Figure(catalogue[code].name, unit, amount, None, None, None))
    found = []
    for line in production_lines.standing([enterprise], day).get(enterprise.pk, ()):
        kind = str(kinds.get(line.start_kind, ""))
        # a line that runs is not expected any more
        expected_on = line.expected_on if line.state != LineState.RUNNING else None
        found.append(Plant(line.name, line.word, kind, expected_on, tuple(made.get(line.pk, ()))))
    return tuple(found)


def certificates(enterprise: Enterprise, day: dt.date, catalogue: Catalogue) -> tuple[Holding, ...]:
    """Certificates, those that run out soonest first. Two queries."""
    rows = list(Certificate.objects.believed().filter(enterprise=enterprise).order_by("valid_to", "kind", "number"))
    counts_for: dict[int, list[str]] = {}
    joined = CertificateProduct.objects.believed().filter(certificate__in=rows)
    for certificate, code in joined.values_list("certificate_id", "product_id"):
        counts_for.setdefault(certificate, []).append(catalogue[code].name if code in catalogue else code)
    found = []
    for row in rows:
        validity = expiry.on(day, valid_from=row.valid_from, valid_to=row.valid_to, status=row.status)
        found.append(
            Holding(
                row.kind, row.number, tuple(counts_for.get(row.pk, ())), row.valid_from, row.valid_to,
                validity.state, validity.days_left,
            )
        )  # fmt: skip
    return tuple(found)


def filed(enterprise: Enterprise, reports: list[DailyReport], catalogue: Catalogue) -> tuple[Filed, ...]:
    """The reports with the figures of their latest revisions. Five queries."""
    late_from = daily_reports.cut_offs({(enterprise.pk, report.day) for report in reports})
    heads = {report.head_id: report for report in reports}
    figures: dict[int, list[Figure]] = {}
    for line in ReportLine.objects.filter(revision__in=list(heads)).order_by("product__order"):
        name, unit = (
            (catalogue[line.product_id].name, catalogue[line.product_id].base_unit)
            if line.product_id in catalogue
            else (line.product_id, "")
        )
        figures.setdefault(line.revision_id, []).append(
            Figure(name, unit, line.capacity, line.output, line.stock, line.shipped)
        )
    runs: dict[int, list[str]] = {}
    for revision, state in LineRun.objects.filter(revision__in=list(heads)).values_list("revision_id", "state"):
        runs.setdefault(revision, []).append(state)
    states, channels = dict(ProductionState.choices), dict(Channel.choices)
    found = []
    for report in reports:
        head = report.head
        assert head is not None
        cut_off = late_from.get((enterprise.pk, report.day))
        found.append(
            Filed(
                day=report.day,
                report_id=report.pk,
                revision=head.number,
                state=head.state,
                state_word=states.get(head.state, head.state),
                review=str(getattr(report, "review", "submitted")),
                is_late=cut_off is not None and report.first_received_at >= cut_off,
                first_received_at=report.first_received_at,
                received_at=head.received_at,
                channel=channels.get(head.channel, head.channel),
                on_behalf_of=head.caller,
                lines=len(runs.get(head.pk, ())),
                lines_open=sum(state in OPEN for state in runs.get(head.pk, ())),
                figures=tuple(figures.get(head.pk, ())),
            )
        )
    return tuple(found)
