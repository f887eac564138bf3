"""The list of letters as a workbook, marked with who made it and when."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from coordination.letters import reading
from coordination.letters.reading import Filters
from coordination.models import Letter
from enterprises import audit, workbooks
from enterprises.models import Account
from enterprises.rules import watermark

XLSX = workbooks.CONTENT_TYPE
HEADS = (
    "文号", "标题", "主送", "抄送", "状态", "问题单", "企业", "共性问题", "拟稿人", "签发人", "成文日期", "发出日期", "方式",
    "请函复日", "催函次数", "回函日期", "回函结果", "回函文号", "逾期天数",
)  # fmt: skip


def workbook(account: Account, filters: Filters) -> bytes:
    """All letters that fit, in the list's order. Writes: audit `letters.export`."""
    rows = [_row(one) for one in reading.listed(account, filters).prefetch_related("reminders")]
    said = {name: value for name, value in vars(filters).items() if value}
    mark = watermark.line(account.display_name or account.username, timezone.now(), filters=said, rows=len(rows))
    audit.record(actor=account, act="letters.export", on=("letter", "*"), after={"filters": said, "rows": len(rows)})
    return workbooks.workbook("公函", HEADS, rows, notes=[mark], mark=mark)


def _row(letter: Letter) -> list[Any]:
    shown = reading.row(letter)
    ticket, problem = letter.ticket, letter.problem
    return [
        letter.number, letter.title, letter.addressee, letter.copies, letter.get_state_display(),
        str(ticket) if ticket else None, ticket.enterprise.name if ticket else None, problem.number if problem else None,
        str(letter.drafted_by), str(letter.signed_by) if letter.signed_by else None, letter.dated, letter.sent_on,
        letter.get_way_display() or None, letter.reply_by, len(letter.reminders.all()), letter.replied_on,
        letter.get_reply_result_display() or None, letter.reply_number or None, shown.days or None,
    ]  # fmt: skip
