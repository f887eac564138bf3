"""Pure: whether a certificate is valid on a day, and when it must be renewed (R18)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from enterprises.choices import CertificateKind, CertificateStatus

WARN_DAYS = (90, 30, 7)
"""How many days before the last one to warn, each once."""


@dataclass(frozen=True)
class Validity:
    """State of a certificate on a day: pending, revoked, early (not begun), valid, expiring or expired.

    days_left counts the days after this one that are still covered: 0 on the last day; None without a last day.
    """

    state: str
    days_left: int | None


def on(day: dt.date, *, valid_from: dt.date, valid_to: dt.date | None, status: str) -> Validity:
    """The state on `day`; the last day (有效期至) counts.

    >>> on(dt.date(2020, 3, 27), valid_from=dt.date(2015, 1, 1), valid_to=dt.date(2020, 3, 27), status="valid")
    Validity(state='expiring', days_left=0)
    >>> on(dt.date(2020, 3, 28), valid_from=dt.date(2015, 1, 1), valid_to=dt.date(2020, 3, 27), status="valid").state
    'expired'
    """
    left = None if valid_to is None else (valid_to - day).days
    if status != CertificateStatus.VALID:
        return Validity(status, left)
    if day < valid_from:
        return Validity("early", left)
    if left is not None and left < 0:
        return Validity("expired", left)
    return Validity("expiring" if left is not None and left <= WARN_DAYS[0] else "valid", left)


def licenses(day: dt.date, *, valid_from: dt.date, valid_to: dt.date | None, status: str) -> bool:
    """Whether the certificate licenses on `day` (R18): only a valid one, within its period.

    >>> licenses(dt.date(2020, 3, 27), valid_from=dt.date(2020, 3, 27), valid_to=None, status="pending")
    False
    """
    return on(day, valid_from=valid_from, valid_to=valid_to, status=status).state in ("valid", "expiring")


PLACES = "国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔贵滇云藏陕甘青宁新兵"
SHAPES = {
    CertificateKind.DEVICE_REGISTRATION: re.compile(
        rf"[{PLACES}]械注[准进许]20[0-9]{{2}}[23][0-9]{{6}}|.{{1,3}}食?药监械\(?[准进许]\)?字.*|.{{1,2}}械备20[0-9]{{6}}.*"
    ),
    CertificateKind.DISINFECTION_LICENCE: re.compile(
        r"\(?[\u4e00-\u9fff]{1,3}\)?卫消证字[(\[]?20[0-9]{2}[)\]]?第[0-9]{4}号"
    ),
    CertificateKind.DRUG_APPROVAL: re.compile(r"国药准字[HZSJBT][0-9]{8}"),
}
"""How numbers of a kind look. Older and provincial forms exist: what looks odd is told, not refused."""


def looks_odd(kind: str, number: str) -> bool:
    """Whether a certificate's number has not the usual shape of its kind; False for kinds without one.

    >>> looks_odd("医疗器械注册证", "闽械注准20202140123"), looks_odd("医疗器械注册证", "闽械注准2020214012")
    (False, True)
    >>> looks_odd("药品批准文号", "国药准字 H20200001"), looks_odd("应急备案", "2020-3 号")
    (False, False)
    """
    shape = SHAPES.get(kind)  # type: ignore[call-overload]
    plain = unicodedata.normalize("NFKC", number).translate(str.maketrans("〔〕【】", "[][]")).replace(" ", "")
    return shape is not None and not shape.fullmatch(plain)
