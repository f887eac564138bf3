"""The points of a small line without axes: a course over days, gaps left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Sparkline:
    """Point lists as svg wants them ("x,y x,y"): stretches without a gap, and the last point for its mark."""

    width: int
    height: int
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    end: tuple[str, str] | None


def draw(values: Sequence[int | None], *, width: int = 92, height: int = 26) -> Sparkline:
    """Lay values (equal steps, None = nothing known that day) into a box; the smallest stands at the foot.

    All equal values run along the middle; a single one is only its end mark.

    >>> draw([0, 1000, None, 2000], width=34, height=24).lines
    ('2.0,21.0 12.0,12.5',)
    >>> draw([]).end is None
    True
    """
    known = [v for v in values if v is not None]
    if not known:
        return Sparkline(width, height, (), (), None)
    low, high = min(known), max(known)

    def point(index: int, value: int) -> tuple[str, str]:
        x = Fraction(2) + Fraction((width - 4) * index, max(len(values) - 1, 1))
        level = Fraction(value - low, high - low) if high > low else Fraction(1, 2)
        return _coordinate(x), _coordinate(height - 3 - level * (height - 7))

    stretches: list[list[tuple[str, str]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append(point(index, value))
    drawn = [s for s in stretches if len(s) > 1]
    last = [s for s in stretches if s][-1][-1]
    return Sparkline(
        width,
        height,
        lines=tuple(_joined(s) for s in drawn),
        areas=tuple(f"{s[0][0]},{height - 1} {_joined(s)} {s[-1][0]},{height - 1}" for s in drawn),
        end=last,
    )


def _joined(points: list[tuple[str, str]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _coordinate(size: Fraction) -> str:
    tenths = int(size * 10 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"
