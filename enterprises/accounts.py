"""Accounts: make one, give and take posts and attachments, set its password, deactivate it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from enterprises import access, attachments, audit, facts, holdings
from enterprises.choices import Role
from enterprises.errors import Conflict, Invalid, NotFound, reading
from enterprises.holdings import Holding
from enterprises.models import (
    Account,
    ApiToken,
    Category,
    Division,
    Enterprise,
    Organisation,
    Post,
)
from enterprises.rules import names

USERNAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._@-]{1,59}")
OF_DIVISION = (Role.CITY, Role.COUNTY, Role.LEADER, Role.PROVINCE, Role.AUDITOR)
"""Roles whose post is limited to one division with all below it."""

DEMONSTRATION_WORD = "baogong-demo"
"""The password of demonstration accounts, printed on the sign-in page; outside demonstration mode none can exist."""


def create(
    *,
    actor: Account | None,
    username: str,
    password: str | None = None,
    display_name: str = "",
    phone: str = "",
    is_demonstration: bool = False,
) -> Account:
    """Make an account that holds no post yet; without a password nobody can sign in with it.

    Writes: account, audit `account.create`. Refuses: invalid_username, account_exists (409), weak_password, forbidden.
    """
    _permit(actor)
    username = username.strip()
    if not USERNAME.fullmatch(username):
        raise Invalid(
            "用户名由 2 至 60 个字母、数字或 . _ @ - 组成，以字母或数字开头。",
            code="invalid_username",
            field="username",
        )
    with reading("display_name"):
        display_name = names.clean(display_name, what="姓名", longest=60)
    with reading("phone"):
        phone = names.clean(phone, what="电话", longest=30)
    with transaction.atomic():
        if Account.objects.filter(username__iexact=username).exists():
            raise Conflict("这个用户名已经有了。", code="account_exists", field="username")
        account = Account(username=username, display_name=display_name, phone=phone, is_demonstration=is_demonstration)
        _set_password(account, password)
        account.save(force_insert=True)
        audit.record(actor=actor, act="account.create", on=account, after={"username": username})
    return account


def assign(
    *,
    actor: Account | None,
    account: Account,
    role: str,
    division: str | None = None,
    organisation: str | None = None,
    enterprises: Iterable[str] = (),
    category: str | None = None,
    is_lead: bool = False,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> int:
    """Let an account hold a role from a day on (default: today); gives how many posts and attachments are new.

    Takes the scope the role needs: none for admin; a division for city, county, leader, province, auditor; an
    organisation (its code) for department, is_lead for the head of the unit; one or more enterprises (credit codes) for
    enterprise. A liaison officer is attached to the enterprises and the division named.
    Writes: posts, attachments, audit `account.assign`.
    Refuses: invalid_role, scope_missing, scope_superfluous, lead_of_no_unit, not_found, invalid_span, forbidden.
    """
    _permit(actor)
    _refuse_lead(role, is_lead=is_lead)
    codes = list(dict.fromkeys(enterprises))
    _refuse_scope(role, division=division, organisation=organisation, enterprises=codes, category=category)
    span = {"starts_on": starts_on or access.today(), "ends_on": ends_on}
    if ends_on is not None and ends_on < span["starts_on"]:  # type: ignore[operator]
        raise Invalid("截止日期早于起始日期。", code="invalid_span", field="ends_on")
    _refuse_missing(Division, division, "division", "区划")
    _refuse_missing(Category, category, "category", "物资类别")
    unit = Organisation.objects.filter(code=organisation).first() if organisation else None
    if organisation and unit is None:
        raise NotFound(f"没有单位 {organisation}。", field="organisation")
    known = dict(Enterprise.objects.filter(uscc__in=codes).values_list("uscc", "pk"))
    for code in codes:
        if code not in known:
            raise NotFound(f"没有登记企业 {code}。", field="enterprise")
    blank = {"division_id": None, "organisation_id": None, "enterprise_id": None, "category_id": None}
    scopes: list[dict[str, Any]] = [blank]
    if role == Role.ENTERPRISE:
        scopes = [{**blank, "enterprise_id": known[code]} for code in codes]
    elif role == Role.DEPARTMENT:
        scopes = [{**blank, "organisation_id": unit.pk if unit else None}]
    elif role in OF_DIVISION:
        scopes = [{**blank, "division_id": division, "category_id": category}]
    attached: list[dict[str, Any]] = []
    if role == Role.LIAISON:
        attached = [{"enterprise_id": known[code], "division_id": None} for code in codes]
        attached += [{"enterprise_id": None, "division_id": division}] if division else []
    new = 0
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        for scope in scopes:
            held = {**span, "is_lead": is_lead}
            new += _hold(actor, {"account_id": account.pk, "role": role, **scope}, held, known_at)
        for scope in attached:
            key = {"account_id": account.pk, **scope}
            new += attachments.hold(actor, key, span["starts_on"], ends_on, known_at=known_at)[1]  # type: ignore[arg-type]
        if new:
            said: dict[str, Any] = {
                "role": role,
                "division": division,
                "organisation": organisation,
                "enterprises": codes,
            }
            said |= {"is_lead": True} if is_lead else {}
            audit.record(actor=actor, act="account.assign", on=account, after=said)
    return new


def dismiss(*, actor: Account | None, post: Post, ends_on: dt.date, reason: str = "") -> list[Holding]:
    """Let a post end with a day, or, if that lies before its first day, take it back. Gives what to warn of.

    Writes: the post, audit `account.dismiss`.
    Refuses: forbidden, still_holds (409): what is held with the post, and longer than it, is handed over first.
    """
    _permit(actor)
    scope = ("enterprise_id", "division_id", "organisation_id", "category_id")
    identity = {key: getattr(post, key) for key in ("account_id", "role", *scope)}
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=post.account_id)
        others = Post.objects.believed().filter(account=account, role=post.role).exclude(pk=post.pk)
        found: list[Holding] = []
        if not others.on(max(ends_on, access.today()) + dt.timedelta(days=1)).exists():
            found = holdings.of(account, roles=[post.role], beyond=ends_on)
            holdings.refuse_held(account, found, "结束岗位")
        if ends_on < post.starts_on:
            facts.withdraw(Post, identity=identity)
        else:
            values = {"starts_on": post.starts_on, "ends_on": ends_on, "is_lead": post.is_lead}
            facts.record(Post, actor=actor, identity=identity, values=values, reason=reason)
        audit.record(actor=actor, act="account.dismiss", on=post.account, after={"ends_on": str(ends_on)})
    return found


def set_password(*, actor: Account | None, account: Account, password: str) -> None:
    """Set a password. Sessions opened with the old one end with the next request.

    The account itself or an administrator may. Writes: account, audit `account.set_password`. Refuses: weak_password.
    """
    if actor != account:
        _permit(actor)
    _set_password(account, password)
    with transaction.atomic():
        account.save(update_fields=["password"])
        audit.record(actor=actor, act="account.set_password", on=account)


def set_email(*, actor: Account | None, account: Account, email: str) -> None:
    """Where the account's messages go; empty = no e-mail. The account itself or an administrator may.

    Writes: account, audit `account.set_email` (without the address). Refuses: forbidden, invalid_email.
    """
    if actor != account:
        _permit(actor)
    email = email.strip()
    try:
        Account._meta.get_field("email").run_validators(email)
    except ValidationError:
        raise Invalid("邮箱地址不对，例如 name@example.com。", code="invalid_email", field="email") from None
    if email == account.email:
        return
    account.email = email
    with transaction.atomic():
        account.save(update_fields=["email"])
        audit.record(actor=actor, act="account.set_email", on=account)


def deactivate(*, actor: Account | None, account: Account, reason: str = "") -> list[Holding]:
    """Close an account: it can no longer sign in, its sessions and tokens end at once. Nothing it did is lost.

    Gives what to warn of: work orders of a unit that has no other account.
    Writes: account, tokens, sessions, audit `account.deactivate`.
    Refuses: forbidden, last_admin, still_holds (409): everything it holds is handed over first.
    """
    _permit(actor)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        found = holdings.of(account)
        holdings.refuse_held(account, found, "停用账号")
        admins = set(
            Post.objects.believed()
            .on(access.today())
            .filter(role=Role.ADMIN, account__is_active=True)
            .values_list("account_id", flat=True)
        )
        if admins == {account.pk}:
            raise Invalid("这是最后一个系统管理员，不能停用。", code="last_admin", field="account")
        Account.objects.filter(pk=account.pk).update(is_active=False)
        account.is_active = False
        now = timezone.now()
        ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=now)
        for session in Session.objects.filter(expire_date__gt=now):
            if session.get_decoded().get("_auth_user_id") == str(account.pk):
                session.delete()
        said = {"reason": reason, "warned_of": [holding.what for holding in found]}
        audit.record(actor=actor, act="account.deactivate", on=account, after=said)
    return found


def demonstration_accounts() -> QuerySet[Account]:
    """Accounts that may exist in demonstration mode only."""
    return Account.objects.filter(is_demonstration=True, is_active=True)


def demonstration_accounts_exist() -> bool:
    """Whether the database holds an account of the demonstration."""
    return Account.objects.filter(is_demonstration=True).exists()


def _permit(actor: Account | None) -> None:
    if actor is not None:
        access.require(actor, "accounts:write")


def _set_password(account: Account, password: str | None) -> None:
    if password is None:
        account.set_unusable_password()
        return
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Invalid("".join(error.messages), code="weak_password", field="password") from None
    account.set_password(password)


def _refuse_scope(
    role: str, *, division: str | None, organisation: str | None, enterprises: list[str], category: str | None
) -> None:
    """Refuse a role without the scope it needs, or with one that it cannot have."""
    if role not in Role.values:
        raise Invalid(f"角色应为 {'、'.join(Role.values)} 之一。", code="invalid_role", field="role")
    given = {
        "division": bool(division),
        "organisation": bool(organisation),
        "enterprise": bool(enterprises),
        "category": bool(category),
    }
    needed = {Role.DEPARTMENT: "organisation", Role.ENTERPRISE: "enterprise"}.get(role)  # type: ignore[call-overload]
    needed = "division" if role in OF_DIVISION else needed
    words = {"division": "区划", "organisation": "单位", "enterprise": "企业", "category": "物资类别"}
    label = Role(role).label
    if needed and not given[needed]:
        raise Invalid(f"{label}要指明{words[needed]}。", code="scope_missing", field=needed)
    possible = {needed} | ({"division", "enterprise"} if role == Role.LIAISON else set())
    possible |= {"category"} if role in OF_DIVISION else set()
    for field, is_given in given.items():
        if is_given and field not in possible:
            raise Invalid(f"{label}不带{words[field]}。", code="scope_superfluous", field=field)


def _refuse_lead(role: str, *, is_lead: bool) -> None:
    if is_lead and role != Role.DEPARTMENT:
        raise Invalid("只有部门岗位能是单位负责人。", code="lead_of_no_unit", field="is_lead")


def _refuse_missing(model: Any, code: str | None, field: str, what: str) -> None:
    if code and not model.objects.filter(pk=code).exists():
        raise NotFound(f"没有{what} {code}。", field=field)


def _hold(
    actor: Account | None,
    identity: dict[str, Any],
    values: dict[str, Any],
    known_at: dt.datetime | None,
) -> int:
    """Record a post unless the account holds it on these days already; gives 1 if it is new."""
    held = Post.objects.believed().filter(**facts.lookup(identity)).first()
    is_begun = held is not None and held.starts_on <= values["starts_on"]
    if is_begun and all(getattr(held, name) == value for name, value in values.items() if name != "starts_on"):
        return 0
    facts.record(Post, actor=actor, identity=identity, values=values, known_at=known_at)
    return 1
