"""Pure: calendar days as people and their files write them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from enterprises.rules.names import HIDING

FORMS = "2020-02-28、2020/2/28 或 2020年2月28日"
"""What a refusal offers as readable."""

ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
WRITTEN = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
)


def iso(text: str) -> dt.date:
    """The only form the API and commands take, YYYY-MM-DD; raises ValueError with a reason for people.

    >>> iso("2020-02-28")
    datetime.date(2020, 2, 28)
    """
    found = ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"日期应写作 2020-02-28，不能读作日期：{shown(text)}")
    return _date(text, *found.groups())


def written(text: str) -> dt.date:
    """A day on a form or in a file; full-width digits and outer spaces are folded first. Nothing else is guessed.

    >>> written("2020/2/28") == written("2020-2-28") == written(" ２０２０年２月２８日 ") == dt.date(2020, 2, 28)
    True
    """
    found = WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise ValueError(f"不能读作日期：{shown(text)}；可写作 {FORMS}")
    return _date(text, *(part for part in found.groups() if part is not None))


def shown(text: str) -> str:
    """A value as a refusal may repeat it: short, and without characters that hide.

    >>> shown("a" * 99)[-3:], shown("a\\u202eb")
    ('aa…', 'ab')
    """
    clean = "".join(c for c in text if unicodedata.category(c) not in HIDING)
    return clean if len(clean) <= 60 else clean[:59] + "…"


def _date(text: str, year: str, month: str, day: str) -> dt.date:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"没有这一天：{shown(text)}") from None
    if not 1900 <= found.year <= 2199:
        raise ValueError(f"年份应在 1900 到 2199 之间：{shown(text)}")
    return found
