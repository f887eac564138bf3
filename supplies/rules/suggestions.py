"""Pure: the nearest text that could be read, offered with every refusal of a quantity (R16)."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_POWERS = {
    "": 1, "十": 10, "百": 100, "千": 1000, "k": 1000, "K": 1000, "w": 10**4, "W": 10**4,
    "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8,
}  # fmt: skip
_TERM = re.compile(
    r"(?P<whole>[0-9](?:[0-9]|[,_' ](?=[0-9]))*)?(?P<decimals>\.[0-9]*)?(?:[eE](?P<exponent>\+?[0-9]{1,2}))?"
    r" *(?P<power>[十百千kKwW]?) *(?P<scale>[万萬亿億]?)"
)
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_SPOKEN = re.compile("[零〇一二两俩三四五六七八九十百千万萬亿億]+")
_MOST = 10**12


def quoted(text: str) -> str:
    """A text as a refusal repeats it: short, without characters that hide or turn the line.

    >>> quoted("约48万\\u202e"), quoted("9" * 50)
    ('约48万', '99999999999999999999…')
    """
    clean = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
    clean = clean.strip()
    return clean if len(clean) <= 20 else clean[:20] + "…"


def nearest(text: str, *, plain_only: bool = False) -> list[str]:
    """Readable texts of the value that was probably meant, the short one first; empty where none can be told.

    >>> nearest("约48万"), nearest("1亿2000万"), nearest("48w"), nearest(".5"), nearest("1e3"), nearest("四十万")
    (['48万', '480000'], ['1.2亿', '120000000'], ['48万', '480000'], ['0.5'], ['1000'], ['40万', '400000'])
    >>> nearest("1 234"), nearest("3百"), nearest("48."), nearest("很多"), nearest("48万/天", plain_only=True)
    (['1234'], ['300'], ['48'], [], ['480000'])
    """
    value = _meant(_folded(text[:200]))
    if value is None or value >= _MOST:
        return []
    plain = decimal(value)
    for name, size in (("亿", 10**8), ("万", 10**4)):
        if value >= size and not plain_only:
            short = decimal(value / size)
            if len(short.partition(".")[2]) <= 4:
                return [short + name, plain]
    return [plain]


def decimal(value: Fraction) -> str:
    """A terminating fraction as a plain decimal.

    >>> decimal(Fraction(5, 2)), decimal(Fraction(1200000))
    ('2.5', '1200000')
    """
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(int(value * 10**places)).rjust(places + 1, "0")
    return digits if not places else f"{digits[:-places]}.{digits[-places:]}"


def _folded(text: str) -> str:
    """ASCII digits for every kind of digit, compatibility forms folded, hiding characters dropped."""
    folded = []
    for char in unicodedata.normalize("NFKC", text):
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            folded.append(str(digit))
        elif unicodedata.category(char) not in {"Cf", "Cc"}:
            folded.append(char)
    return "".join(folded)


def _meant(text: str) -> Fraction | None:
    if not re.search("[0-9]", text):
        spoken = _SPOKEN.search(text)
        return _said(spoken.group()) if spoken is not None and spoken.group() not in "万萬亿億" else None
    total, last = Fraction(0), None
    at = re.search(r"\.?[0-9]", text)
    position = at.start() if at is not None else 0
    while (term := _TERM.match(text, position)) is not None and (term["whole"] or (term["decimals"] or ".") != "."):
        size = _POWERS[term["power"]] * _POWERS[term["scale"]]
        if last is not None and size >= last:
            break
        total += _term(term) * size
        last, position = size, term.end()
    return total


def _term(term: re.Match[str]) -> Fraction:
    whole = re.sub("[^0-9]", "", term["whole"] or "0")[:40]
    decimals = (term["decimals"] or ".")[1:40]
    power = int(10 ** int(term["exponent"] or 0))
    return Fraction(int(whole + decimals) * power, 10 ** len(decimals))


def _said(spoken: str) -> Fraction:
    """The value of a number in Chinese words.

    >>> _said("四十万"), _said("十二"), _said("一亿二千万")
    (Fraction(400000, 1), Fraction(12, 1), Fraction(120000000, 1))
    """
    total = section = digit = 0
    for char in spoken:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _POWERS[char] < 10**4:
            section += (digit or 1) * _POWERS[char]
            digit = 0
        else:
            total = (total + section + digit) * _POWERS[char] if char in "亿億" else total + (section + digit) * 10**4
            section = digit = 0
    return Fraction(total + section + digit)
