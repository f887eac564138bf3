"""Which certificates the enterprises hold (R18): most hold one, some have run out, some are pending."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coordination.rules.demonstration import dice
from coordination.rules.demonstration.makers import Maker
from enterprises.choices import CertificateKind, CertificateStatus

MEDICAL = (
    "MASK_N95_MED",
    "MASK_SURG",
    "MASK_DISP",
    "SUIT_",
    "GLOVE_",
    "SWAB",
    "GOGGLES",
    "FACESHIELD",
    "THERMO_",
)
ALWAYS = {"first", "four_machines", "five_lines", "medical_and_bought", "clean_workshop", "clerk", "pool"}
"""Parts whose certificate holds on every day they report."""


@dataclass(frozen=True)
class Licence:
    """A certificate of one enterprise for one product. Days are offsets; `learnt_on` is when this was first known.

    `granted_on`: pending from `learnt_on`, valid from that day on; None = `status` since it was learnt.
    """

    number: str
    maker: int
    product: str
    kind: str
    valid_from: int
    valid_to: int
    status: str
    learnt_on: int
    granted_on: int | None = None


def licences(makers: Iterable[Maker]) -> list[Licence]:
    """All certificates, in the order of the enterprises."""
    rng = dice(3)
    found: list[Licence | None] = []
    for maker in makers:
        for product, first in maker.products.items():
            kind = _kind(product, maker.kind)
            chance, early, length = rng.random(), rng.randrange(4), rng.randrange(120, 360)
            if kind is not None and maker.part != "never":
                number = f"演示{len(found) + 1:04}"
                found.append(_licence(number, maker, product, kind, first, chance, early, length))
    return [one for one in found if one is not None]


def _licence(
    number: str, maker: Maker, product: str, kind: str, first: int, chance: float, early: int, length: int
) -> Licence | None:
    learnt = max(0, first - early)
    since, until = first - early - 60, first + length
    if maker.part in ALWAYS or chance < 0.68:
        since = since - 300 if kind == CertificateKind.DEVICE_REGISTRATION else first - early
        return Licence(number, maker.number, product, kind, since, until + 300, CertificateStatus.VALID, learnt)
    if chance < 0.80:
        granted = first + 4 + early
        return Licence(number, maker.number, product, kind, granted, until, CertificateStatus.VALID, learnt, granted)
    if chance < 0.88:
        ended = max(30 + early * 5, min(first + 5, 50))
        return Licence(number, maker.number, product, kind, first - 200, ended, CertificateStatus.VALID, learnt)
    if chance < 0.96:
        return Licence(number, maker.number, product, kind, first, until, CertificateStatus.PENDING, learnt)
    return None


def _kind(product: str, start_kind: str) -> str | None:
    if product.startswith(("DIS_", "ALC_75", "WIPES")):
        return CertificateKind.DISINFECTION_LICENCE.value
    if product.startswith(MEDICAL):
        kind = CertificateKind.DEVICE_REGISTRATION if start_kind == "expanded" else CertificateKind.EMERGENCY_FILING
        return kind.value
    return None
