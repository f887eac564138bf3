"""What an account still holds, asked before it is closed or its post ends: no active record with an inactive holder.

Each storey says of its own nouns what can be held (`register`); so the ground asks without knowing who stands on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from enterprises.errors import Conflict
from enterprises.models import Account

SHOWN = 5
"""Things that a refusal names; the page of the handover has all."""


@dataclass(frozen=True)
class Holding:
    """One thing that an account holds.

    `key` names it among those of its kind; `enterprise` is the one it concerns, which whoever takes it over must reach;
    `division` the area, for what concerns none. A warning is told, and keeps nobody from leaving.
    """

    kind: str
    key: str
    what: str
    enterprise: int | None = None
    division: str | None = None
    is_warning: bool = False

    @property
    def name(self) -> str:
        """Names it among all."""
        return f"{self.kind}-{self.key}"


@dataclass(frozen=True)
class Taking:
    """From whom to whom something passes on a day, and who says so."""

    actor: Account | None
    giver: Account
    taker: Account
    day: dt.date


@dataclass(frozen=True)
class Keeper:
    """One kind of thing that can be held.

    `roles`: the posts with which it is held, none = with any. `held` gives what an account holds beyond a day (None =
    now). `pass_on` moves those with the given keys in the caller's transaction; None where nobody can but its own desk.
    `order`: what gives reach goes over before what needs it.
    """

    kind: str
    word: str
    roles: frozenset[str]
    held: Callable[[Account, dt.date | None], Iterable[Holding]]
    pass_on: Callable[[Taking, Collection[str]], None] | None = None
    order: int = 10


_keepers: dict[str, Keeper] = {}


def register(keeper: Keeper) -> None:
    """Say that a kind of thing can be held; an app does so when it is ready."""
    _keepers[keeper.kind] = keeper


def keepers() -> list[Keeper]:
    """All kinds in their order."""
    return sorted(_keepers.values(), key=lambda keeper: keeper.order)


def of(account: Account, *, roles: Collection[str] | None = None, beyond: dt.date | None = None) -> list[Holding]:
    """What the account holds; with `roles` only what needs one of these posts, with `beyond` only what lasts longer."""
    return [
        holding
        for keeper in keepers()
        if roles is None or keeper.roles & set(roles)
        for holding in keeper.held(account, beyond)
    ]


def refuse_held(account: Account, found: Collection[Holding], what: str) -> None:
    """Refuse (still_holds, 409) while there is something to hand over; the answer lists it."""
    kept = [holding for holding in found if not holding.is_warning]
    if not kept:
        return
    named = "、".join(holding.what for holding in kept[:SHOWN]) + ("等" if len(kept) > SHOWN else "")
    raise Conflict(
        f"{account} 手上还有 {len(kept)} 项没有交接：{named}。请先办交接，再{what}。",
        code="still_holds",
        field="account",
        extra={"holdings": [{"kind": h.kind, "what": h.what} for h in kept], "account": account.username},
    )
