"""Pure: the unified social credit code (GB 32100-2015): its normal form, its check character, what is wrong with one.

Nothing else is read off a code: its six division digits are not the county in which the enterprise stands (R15).
"""

from __future__ import annotations

import unicodedata

from stdnum.cn import uscc

from enterprises.rules.days import shown

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SEPARATORS = "-‐‑‒–—−"
MISREAD = {"O": "0", "I": "1", "Z": "2", "S": "5"}
"""Letters the code never has, and what was probably meant; only ever proposed."""


def normal(text: str) -> str:
    """The 18 characters of a code; raises ValueError that says what is wrong and, where it can be told, what was meant.

    Full-width forms, spaces, hyphens and lower case are folded.

    >>> normal(" 91350100-m000100y-43 "), normal("９１３５０１００Ｍ０００１００Ｙ４３")
    ('91350100M000100Y43', '91350100M000100Y43')
    >>> normal("9135O1OOMOOO1OOY43")
    Traceback (most recent call last):
    ValueError: 统一社会信用代码里不会有字母 O；是否为 91350100M000100Y43
    """
    code = "".join(c for c in text if c not in SEPARATORS and not c.isspace())
    if any(not (c.isascii() or "\uff01" <= c <= "\uff5e") for c in code):
        raise ValueError(f"统一社会信用代码只由数字和大写字母组成：{shown(text)}")
    code = "".join(c for c in unicodedata.normalize("NFKC", code).upper() if c not in SEPARATORS)
    if not code.isalnum():
        raise ValueError(f"统一社会信用代码只由数字和大写字母组成：{shown(text)}")
    if len(code) != 18:
        raise ValueError(f"统一社会信用代码应为 18 位，现为 {len(code)} 位")
    odd = next((c for c in code if c not in ALPHABET), None)
    if odd is not None:
        raise ValueError(f"统一社会信用代码里不会有字母 {odd}{_proposal(code)}")
    if not code[2:8].isdigit():
        raise ValueError("统一社会信用代码第 3 至 8 位应为数字")
    if code[-1] != check_character(code):
        raise ValueError("统一社会信用代码校验不符，请核对每一位")
    return code


def check_character(code: str) -> str:
    """The 18th character for the first 17: 31 - (sum of value x 3^(i-1) mod 31), where 31 counts as 0.

    >>> check_character("91350100M000100Y4")
    '3'
    """
    return str(uscc.calc_check_digit(code[:17]))


def _proposal(code: str) -> str:
    meant = "".join(MISREAD.get(c, c) for c in code)
    if meant[2:8].isdigit() and meant[-1] == check_character(meant):
        return f"；是否为 {meant}"
    return ""
