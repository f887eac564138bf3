"""API tokens: make one, revoke one, and find the account a token speaks for."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from enterprises import access, audit
from enterprises.choices import TokenScope
from enterprises.errors import Invalid, reading
from enterprises.models import Account, ApiToken
from enterprises.rules import names

PREFIX = "bgk_"
DEFAULT_DAYS, MOST_DAYS = 180, 365


def create(
    *,
    actor: Account | None,
    account: Account,
    scopes: Iterable[str],
    name: str = "",
    days: int = DEFAULT_DAYS,
) -> tuple[str, ApiToken]:
    """Make a token for an account; gives the token itself, which is shown once and never stored, and its row.

    It can do what its account can and its scopes allow. Writes: token (only its SHA-256), audit `api_token.create`.
    Refuses: invalid_scope, invalid_days (1 to 365), forbidden.
    """
    if actor is not None and actor != account:
        access.require(actor, "accounts:write")
    wanted = sorted(set(scopes))
    odd = next((scope for scope in wanted if scope not in TokenScope.values), None)
    if odd is not None or not wanted:
        raise Invalid(f"权限范围应取自 {'、'.join(TokenScope.values)}。", code="invalid_scope", field="scope")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"有效期应为 1 至 {MOST_DAYS} 天。", code="invalid_days", field="days")
    with reading("name"):
        name = names.clean(name, what="用途", longest=100)
    raw = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            account=account,
            name=name,
            prefix=raw[:12],
            digest=_digest(raw),
            scopes=wanted,
            expires_at=timezone.now() + dt.timedelta(days=days),
        )
        said = {"account": account.username, "scopes": wanted, "expires_at": token.expires_at.isoformat()}
        audit.record(actor=actor, act="api_token.create", on=token, after=said)
    return raw, token


def revoke(*, actor: Account | None, token: ApiToken) -> None:
    """End a token at once; revoking it again changes nothing. Writes: token, audit `api_token.revoke`."""
    if actor is not None and actor.pk != token.account_id:
        access.require(actor, "accounts:write")
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            audit.record(actor=actor, act="api_token.revoke", on=token)


def token_account(raw: str) -> tuple[Account, ApiToken] | None:
    """The account a token speaks for, limited to its scopes (account.token_scopes), and the token; None if it is void.

    One query; a second one notes the day of use, once a day.
    """
    if not raw.startswith(PREFIX) or len(raw) > 100:
        return None
    token = ApiToken.objects.select_related("account").filter(digest=_digest(raw)).first()
    if token is None or token.revoked_at is not None or token.expires_at <= timezone.now():
        return None
    account = token.account
    if not account.is_active:
        return None
    today = access.today()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    account.token_scopes = frozenset(token.scopes)  # type: ignore[attr-defined]
    return account, token


def _digest(raw: str) -> str:
    """The token has 256 bits of chance of its own, so that a plain digest keeps it."""
    return hashlib.sha256(raw.encode()).hexdigest()
