"""Filing links: hand one out, open it with its PIN, revoke it, and shut them all.

Link and PIN are two secrets on one slip: the link has 128 bits of chance, so that nobody finds one; the PIN keeps whoever
photographs the code on the wall out. Five wrong PINs in a row shut the link for a quarter of an hour, twenty for good.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Case, CharField, Count, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from enterprises import access, accounts, audit
from enterprises.choices import Role
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Account, Enterprise, FilingLink, Switch

DAYS, MOST_DAYS = 180, 365
PIN_DIGITS = 6
ROUND, PAUSE = 5, dt.timedelta(minutes=15)
"""After so many wrong PINs in a row the link rests for so long."""
MOST_FAILURES = 20
"""After so many without a right one in between only a new slip helps."""
SWITCH = "filing_links"
SESSION = "filing_link"
"""Where a session keeps the number of the link that opened it; coordination.middleware bounds such sessions."""

TOKEN = re.compile(r"[0-9A-Za-z_-]{22}")


@dataclass(frozen=True)
class Slip:
    """What is printed and handed over: shown once, for neither the token nor the PIN is stored."""

    enterprise: Enterprise
    token: str
    pin: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class Standing:
    """A link as the bureau's list shows it: none, live, locked, used_up (too many failures), expired, revoked."""

    state: str
    link: FilingLink | None = None


def issue(*, actor: Account | None, enterprise: Enterprise, days: int = DAYS) -> Slip:
    """Make a link with a PIN for an enterprise; the one before, if any, ends with it.

    Takes: days it is good for (1 to 365). Writes: the link's account (once), the link, audit `filing_link.issue`.
    Refuses: forbidden, not_found (not where the enterprise stands), invalid_days, links_off, account_closed.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    if not are_on():
        raise Forbidden("扫码填报已由系统管理员关闭。", code="links_off")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"有效期应为 1 至 {MOST_DAYS} 天。", code="invalid_days", field="days")
    token, pin = secrets.token_urlsafe(16), "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    now = timezone.now()
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        _end(enterprise, now)
        link = FilingLink.objects.create(
            enterprise=enterprise,
            account=_account(enterprise),
            digest=_digest(token),
            pin_hash=make_password(pin),
            created_at=now,
            expires_at=now + dt.timedelta(days=days),
        )
        said = {"link": link.pk, "expires_at": link.expires_at.isoformat()}
        audit.record(actor=actor, act="filing_link.issue", on=enterprise, after=said)
    return Slip(enterprise, token, pin, link.expires_at)


def revoke(*, actor: Account | None, enterprise: Enterprise) -> bool:
    """End an enterprise's link and whatever it opened at once; gives whether there was one.

    Writes: link, audit `filing_link.revoke`. Refuses: forbidden, not_found.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        ended = _end(enterprise, timezone.now())
        if ended:
            audit.record(actor=actor, act="filing_link.revoke", on=enterprise)
    return ended


def switch(*, actor: Account | None, is_on: bool) -> None:
    """Open or shut all links of the installation; links themselves stay as they are.

    Writes: switch, audit `filing_link.switch`. Refuses: forbidden (administrators only).
    """
    if actor is not None:
        access.require(actor, "accounts:write")
    with transaction.atomic():
        Switch.objects.update_or_create(name=SWITCH, defaults={"is_on": is_on, "changed_at": timezone.now()})
        audit.record(actor=actor, act="filing_link.switch", on=("switch", SWITCH), after={"is_on": is_on})


def are_on() -> bool:
    """Whether links open anything; one query."""
    return not Switch.objects.filter(name=SWITCH, is_on=False).exists()


def find(token: str) -> FilingLink:
    """The link of a token, with its enterprise; locked ones too, for their page says until when.

    Refuses: not_found, alike for unknown, expired and revoked links, a closed account, and while links are shut.
    """
    link = None
    if TOKEN.fullmatch(token):
        link = FilingLink.objects.select_related("enterprise", "account").filter(digest=_digest(token)).first()
    if link is None or not is_live(link) or not link.account.is_active or not are_on():
        raise NotFound("这个填报码无效、已到期或已停用。", field="token")
    return link


def open_with(link: FilingLink, pin: str) -> Account:
    """The account a link speaks for, if the PIN is right.

    Writes: failures and lock of the link, under its row lock, so that guesses side by side are counted one by one.
    Refuses: wrong_pin (how many tries are left), locked (429: until when), used_up, not_found (ended meanwhile).
    """
    given = "".join(pin.split())
    refusal: Invalid | None = None
    with transaction.atomic():
        held = FilingLink.objects.select_for_update().get(pk=link.pk)
        now = timezone.now()
        if not is_live(held):
            raise NotFound("这个填报码无效、已到期或已停用。", field="token")
        if is_used_up(held):
            raise Locked("口令输错次数过多，这个填报码已停用，请向区县工信局换一张。", code="used_up", field="pin")
        if held.locked_until is not None and held.locked_until > now:
            raise Locked("口令连续输错，请稍后再试。", field="pin", extra={"until": held.locked_until})
        if given.isascii() and given.isdigit() and check_password(given, held.pin_hash):
            held.failures, held.locked_until, held.last_used_at = 0, None, now
            audit.record(actor=link.account, act="filing_link.open", on=link.enterprise, after={"link": link.pk})
        else:
            held.failures += 1
            left = ROUND - held.failures % ROUND
            is_round_over = held.failures % ROUND == 0
            held.locked_until = now + PAUSE if is_round_over else None
            refusal = _wrong(held, left)
            if is_round_over:
                # nobody is signed in: the entry has no actor
                audit.record(actor=None, act="filing_link.lock", on=link.enterprise, after={"failures": held.failures})
        held.save(update_fields=["failures", "locked_until", "last_used_at"])
    if refusal is not None:
        raise refusal
    return link.account


def session_link(number: object) -> FilingLink | None:
    """The link behind a session, if it still opens; one query beside the switch's."""
    if not isinstance(number, int):
        return None
    link = FilingLink.objects.filter(pk=number).first()
    return link if link is not None and is_live(link) and are_on() else None


def is_live(link: FilingLink) -> bool:
    """Neither revoked nor past its time."""
    return link.revoked_at is None and link.expires_at > timezone.now()


def is_used_up(link: FilingLink) -> bool:
    """Shut for good by wrong PINs."""
    return link.failures >= MOST_FAILURES


def standings(enterprises: Iterable[Enterprise]) -> dict[int, Standing]:
    """How the newest link of each enterprise stands, by the enterprise's id. One query."""
    wanted = [one.pk for one in enterprises]
    found = dict.fromkeys(wanted, Standing("none"))
    for link in FilingLink.objects.filter(enterprise__in=wanted).order_by("created_at", "id"):
        found[link.enterprise_id] = Standing(_state(link), link)
    return found


def with_states(enterprises: QuerySet[Enterprise]) -> QuerySet[Any]:
    """Enterprises with `.link_state`: how the newest link of each stands, as `standings` says it."""
    now = timezone.now()
    state = Case(
        When(revoked_at__isnull=False, then=Value("revoked")),
        When(expires_at__lte=now, then=Value("expired")),
        When(failures__gte=MOST_FAILURES, then=Value("used_up")),
        When(locked_until__gt=now, then=Value("locked")),
        default=Value("live"),
    )
    newest = FilingLink.objects.filter(enterprise=OuterRef("pk")).order_by("-created_at", "-id")
    stands = Subquery(newest.annotate(state=state).values("state")[:1], output_field=CharField())
    found: QuerySet[Any] = enterprises.annotate(link_state=Coalesce(stands, Value("none")))
    return found


def tally(enterprises: QuerySet[Enterprise]) -> dict[str, int]:
    """How many enterprises there are whose link stands so. One query."""
    counted = with_states(enterprises).order_by().values_list("link_state").annotate(n=Count("pk"))
    return dict(counted)


class Locked(Invalid):
    """Too many wrong PINs; `extra["until"]` says when the next try is heard."""

    status = 429
    code = "locked"


def _state(link: FilingLink) -> str:
    now = timezone.now()
    if link.revoked_at is not None:
        return "revoked"
    if link.expires_at <= now:
        return "expired"
    if is_used_up(link):
        return "used_up"
    return "locked" if link.locked_until is not None and link.locked_until > now else "live"


def _wrong(link: FilingLink, left: int) -> Invalid:
    if is_used_up(link):
        return Locked("口令输错次数过多，这个填报码已停用，请向区县工信局换一张。", code="used_up", field="pin")
    if link.locked_until is not None:
        return Locked("口令连续输错，请稍后再试。", field="pin", extra={"until": link.locked_until})
    return Invalid(f"口令不对，还可以试 {left} 次。", code="wrong_pin", field="pin")


def _end(enterprise: Enterprise, now: dt.datetime) -> bool:
    return bool(FilingLink.objects.filter(enterprise=enterprise, revoked_at=None).update(revoked_at=now))


def _account(enterprise: Enterprise) -> Account:
    """The clerk without password who speaks through the enterprise's links; made with the first of them.

    Made and posted by the system: whoever may hand out a link may not make accounts, and this one can do nothing else.
    """
    username = f"link.{enterprise.uscc}"
    account = Account.objects.filter(username=username).first()
    if account is None:
        account = accounts.create(actor=None, username=username, display_name="扫码填报")
    if not account.is_active:
        raise Forbidden("系统管理员停用了这家企业的扫码填报账号。", code="account_closed", field="enterprise")
    accounts.assign(actor=None, account=account, role=Role.ENTERPRISE, enterprises=[enterprise.uscc])
    return account


def _digest(token: str) -> str:
    """The token has 128 bits of chance of its own, so that a plain digest keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()
