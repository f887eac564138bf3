"""Files of daily reports sent in the browser: look first, then take in; nothing is ever half taken (R3, R19)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from enterprises import access, files
from enterprises.errors import Conflict, Invalid, NotFound
from enterprises.facts import Change
from enterprises.files import BadFile, BadRows, Imported, Problem, Row
from enterprises.models import Account, Enterprise
from enterprises.rules.cells import Fault, shown
from enterprises.workbooks import workbook
from supplies import daily_reports, imports, products
from supplies.choices import GIVEN, STATED_LABEL, Measure, QuestionCode, UploadPurpose
from supplies.daily_reports import Outcome
from supplies.models import Revision, Upload

MOST_BYTES = 5 * 1024 * 1024
MOST_REPORTS = 2000
"""Reports of one file in the browser: more take longer than anybody waits; the command line takes them."""
KEPT = dt.timedelta(days=7)


@dataclass(frozen=True)
class Seen:
    """One report of the file: whose, which day, what taking it in does, its questions in words, its rows.

    For a changed one: why, the new figures and those before, each as a described report.
    """

    name: str
    uscc: str
    day: dt.date
    change: Change
    questions: tuple[str, ...]
    first_row: int
    reason: str = ""
    now: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Preview:
    """What taking a file in would do. Problems = why it cannot be; then nothing is new or changed."""

    reports: list[Seen] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    fault: str = ""
    notices: list[str] = field(default_factory=list)

    @property
    def added(self) -> int:
        return self._count("added")

    @property
    def changed(self) -> int:
        return self._count("changed")

    @property
    def unchanged(self) -> int:
        return self._count("unchanged")

    @property
    def taken(self) -> int:
        """How many reports taking the file in would make or change."""
        return self.added + self.changed

    def _count(self, change: str) -> int:
        return sum(one.change == change for one in self.reports)

    @property
    def questions(self) -> int:
        return sum(len(one.questions) for one in self.reports)

    @property
    def may_be_taken(self) -> bool:
        return not self.problems and not self.fault and self.taken > 0


class _Looked(Exception):
    """Ends a look: everything it did is undone."""


ABILITIES = {UploadPurpose.REPORTS: "reports:write", UploadPurpose.CORRECTIONS: "reports:review"}
"""What it takes to send a file of each purpose."""


def receive(
    *,
    actor: Account,
    name: str,
    content: bytes,
    replaces: bool = False,
    purpose: UploadPurpose = UploadPurpose.REPORTS,
    **once: Any,
) -> Upload:
    """Keep a file to look at. Nothing of it is read yet.

    Takes: once = what a file of corrections says for all its rows: reason, caller, returns.
    Refuses: forbidden, empty_file, too_large.
    """
    access.require(actor, ABILITIES[purpose])
    if not content.strip():
        raise Invalid("没有内容：请选择文件，或把表格粘贴进来。", code="empty_file", field="file")
    if len(content) > MOST_BYTES:
        raise Invalid(f"文件超过 {MOST_BYTES // 1024 // 1024} 兆。", code="too_large", field="file")
    return Upload.objects.create(
        account=actor,
        name=name.replace("\0", "")[:200] or "粘贴",
        content=content,
        replaces=replaces,
        purpose=purpose,
        created_at=timezone.now(),
        **once,
    )


def pasted(text: str) -> bytes:
    """A table pasted from a spreadsheet, cells parted by tabs, as a CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    return out.getvalue().encode()


def own(actor: Account, number: int, purpose: UploadPurpose = UploadPurpose.REPORTS) -> Upload:
    """An upload of the account's own; refuses not_found for any other, and for one of another purpose."""
    found = Upload.objects.filter(account=actor, pk=number, purpose=purpose).first()
    if found is None:
        raise NotFound("没有找到这个文件；上传的文件保留七天。", field="upload")
    return found


def recent(actor: Account, purpose: UploadPurpose = UploadPurpose.REPORTS) -> list[Upload]:
    """The account's uploads, the newest first, without their contents."""
    return list(Upload.objects.filter(account=actor, purpose=purpose).defer("content").order_by("-created_at")[:10])


def look(*, actor: Account, upload: Upload) -> Preview:
    """What taking the file in would do now: every report is filed and undone again. Writes nothing."""
    found = Preview()
    words = {code: entry.name for code, entry in products.catalogue().entries.items()}

    def seen(rows: list[Row], outcome: Outcome, change: Change) -> None:
        if len(found.reports) >= MOST_REPORTS:
            raise BadFile(f"一次最多 {MOST_REPORTS} 份日报，请分成几个文件。", code="too_many_rows")
        found.reports.append(_seen(rows, outcome, change, words))

    try:
        with transaction.atomic():
            done = _import(actor, upload, seen)
            found.notices = _notices(done)
            raise _Looked
    except _Looked:
        pass
    except BadRows as refused:
        found.problems, found.notices = refused.problems, refused.notices
    except BadFile as refused:
        found.fault = refused.message
    names = dict(Enterprise.objects.filter(uscc__in={one.uscc for one in found.reports}).values_list("uscc", "name"))
    before = _before(found.reports)
    found.reports = [
        replace(one, name=names.get(one.uscc, one.name), before=before.get((one.uscc, one.day), {}))
        for one in found.reports
    ]
    return found


def _before(seen: Iterable[Seen]) -> dict[tuple[str, dt.date], dict[str, Any]]:
    """What stands now of the reports that the file changes, by enterprise and day. A fixed number of queries."""
    changed = {(one.uscc, one.day) for one in seen if one.change == "changed"}
    heads = Revision.objects.filter(
        report__head=F("pk"),
        report__enterprise__uscc__in={uscc for uscc, _ in changed},
        report__day__in={d for _, d in changed},
    )
    heads = daily_reports.with_review(heads).select_related("report__enterprise")
    found = [one for one in heads if (one.report.enterprise.uscc, one.report.day) in changed]
    keys = [(one.report.enterprise.uscc, one.report.day) for one in found]
    return dict(zip(keys, daily_reports.describe(found), strict=True)) if found else {}


def take(*, actor: Account, upload: Upload) -> Imported:
    """Take the file in, all of it or nothing; a second time gives what the first did.

    Writes: the reports, as `daily_reports.submit` does; what was done, on the upload.
    Refuses: conflict (taken already), BadFile, BadRows: the file no longer fits what is there; look again.
    """
    with transaction.atomic():
        held = Upload.objects.select_for_update().get(pk=upload.pk)
        if held.done_at is not None:
            raise Conflict("这个文件已经导入过了。", code="already_taken", field="upload")
        done = _import(actor, held, None)
        held.done_at, held.done = timezone.now(), done.lines()
        held.save(update_fields=["done_at", "done"])
    return done


def marked(upload: Upload, problems: list[Problem]) -> bytes:
    """The same table as a workbook with a column that says what is wrong in each row."""
    records, top = files.records(bytes(upload.content), upload.name, imports.OF_REPORTS)
    width = max((len(record) for record in records), default=0)
    wrong: dict[int, list[str]] = {top: ["问题"]}
    for problem in problems:
        said = f"“{problem.column}”{problem.reason}" if problem.column else problem.reason
        wrong.setdefault(problem.row, []).append(said)
    rows = [
        [*map(_cell, record), *[None] * (width - len(record)), "；".join(wrong.get(number, ()))]
        for number, record in enumerate(records, start=1)
    ]
    heads = ["" if cell is None else str(cell) for cell in rows[0]]
    return workbook("需要修改", heads, rows[1:])


def _cell(value: object) -> object:
    """A cell as it is written again: what could not be read as what it showed, numbers exactly, days without midnight."""
    if isinstance(value, Fault):
        return value.shown
    if isinstance(value, float):
        return Decimal(shown(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return str(value) if isinstance(value, dt.datetime | dt.time | dt.timedelta) else value


def template(*, actor: Account, day: dt.date) -> bytes:
    """A workbook to fill in: a row for every product that the account's enterprises owe on the day.

    Refuses: forbidden.
    """
    access.require(actor, "reports:write")
    catalogue = products.catalogue(day)
    rows = []
    for enterprise in Enterprise.objects.filter(pk__in=access.reach(actor, "reports:write").enterprises):
        owed = daily_reports.owed(enterprise, day)
        for code in owed.products or ((None,) if owed.has_state_duty else ()):
            entry = catalogue[code] if code is not None else None
            blank = [None] * len(GIVEN)
            named = [entry.name, *blank, entry.base_unit] if entry is not None else [None, *blank, None]
            rows.append([day, enterprise.uscc, enterprise.name, "正常生产", *named, None, None, None, None, None])
    heads = [
        "日期",
        "统一社会信用代码",
        "企业名称",
        "生产状态",
        "产品",
        *Measure.labels,
        STATED_LABEL,
        "单位",
        "应到岗",
        "实到岗",
        "说明",
        "确认说明",
        "更正理由",
    ]
    notes = [
        "每行一种产品；同一企业同一天的几行合成一份日报。",
        "没有就写 0，没有统计就留空；停产写“全线停产”，可以只填库存。",
        "数字可以写 480000、48万、1.8亿，单位写在“单位”列。",
        "数字与以往相差百倍以上时，请在“确认说明”写明理由。",
        "更正过去日子的数，请在“更正理由”写明为什么；首次填报不用写。",
    ]
    return workbook(f"日报 {day}", heads, rows, notes=notes)


def tidy() -> None:
    """Delete uploads past their seven days."""
    Upload.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def _import(actor: Account, upload: Upload, seen: object) -> Imported:
    return imports.import_reports(
        actor=actor,
        content=bytes(upload.content),
        name=upload.name,
        replace=upload.replaces,
        reason=upload.reason,
        seen=seen,  # type: ignore[arg-type]
    )


def _seen(rows: list[Row], outcome: Outcome, change: Change, names: dict[str, str]) -> Seen:
    answer = outcome.answer
    questions = questions_in_words(answer, names)
    day = dt.date.fromisoformat(answer["date"])
    reason = next((row["reason"] for row in rows if row["reason"]), "")
    name = rows[0].shown.get("name", "")
    return Seen(name, answer["enterprise"], day, change, questions, rows[0].number, reason, answer)


def questions_in_words(answer: dict[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    """The open questions of a described report; `names`: product code to name."""
    return tuple(
        f"{names.get(one['product'], one['product'])}{Measure(one['measure']).label}：{QuestionCode(one['question']).label}"
        for one in answer["questions"]
        if one["confirmation"] is None
    )


def _notices(done: Imported) -> list[str]:
    ignored = [f"没有用到的列：{'、'.join(done.ignored)}"] if done.ignored else []
    return [*ignored, *done.notices]
