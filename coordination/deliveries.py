"""The outbox of the liaison desk: notices written out as e-mails and words to work groups, gathered, sent, visible.

A notice is written in the transaction of its cause; here it is turned into messages that leave the house, each once for
(notice, receiver, channel). The sending itself is that of supplies.reminders.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from coordination import access, duty
from coordination.choices import DeliveryChannel, DeliveryState, Digest, TicketMode
from coordination.models import Delivery, GroupMember, MessagePreference, Notice, Ticket
from coordination.rules.transitions import TERMINAL
from enterprises import access as ground_access
from enterprises import audit
from enterprises.choices import Role
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Account, DivisionFact, Post
from enterprises.rules.division_tree import Tree
from supplies import reminders, reporting_settings
from supplies.models import Robot
from supplies.rules.reporting_settings import awake_at

BATCH = 100
STALE = dt.timedelta(days=2)
"""A notice that nobody wrote out for so long, while nothing ran, is left to the desk where it is read."""
GATHER = dt.timedelta(seconds=60)
"""Ordinary things wait so long, that a bulk of them makes one message."""
MORNING = dt.time(8)
MOST_LINES = 60


def run() -> int:
    """Write notices out, gather what may be said together, send; gives how many were sent or given up."""
    now = timezone.now()
    plan(now)
    gather(now)
    return reminders.send_waiting(Delivery, is_needless=_is_needless)


def plan(now: dt.datetime | None = None) -> int:
    """Write the messages of notices that have none yet; gives how many. Side by side each is written once."""
    now = now or timezone.now()
    Notice.objects.filter(planned_at=None, created_at__lt=now - STALE).update(planned_at=now)
    with transaction.atomic():
        waiting = Notice.objects.filter(planned_at=None).order_by("id")
        waiting = waiting.select_for_update(
            of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
        )
        rows = list(waiting.select_related("ticket", "enterprise", "account")[:BATCH])
        if not rows:
            return 0
        tree = DivisionFact.objects.tree(ground_access.today())
        written = _Plan(now, tree, rows).messages()
        Delivery.objects.bulk_create(written, ignore_conflicts=True)
        Notice.objects.filter(pk__in=[row.pk for row in rows]).update(planned_at=now)
    return len(written)


def gather(now: dt.datetime | None = None) -> int:
    """Say together what waits for one receiver; gives how many messages were merged into another."""
    now = now or timezone.now()
    merged = 0
    with transaction.atomic():
        due = Delivery.objects.filter(
            state=DeliveryState.WAITING, gathers=True, digest=None, not_before__lte=now, tries=0
        )
        due = due.select_for_update(of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked)
        by_receiver: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
        for one in due.order_by("id")[: BATCH * 5]:
            by_receiver[one.channel, one.recipient].append(one)
        for held in by_receiver.values():
            first, rest = held[0], held[1:]
            if not rest:
                continue
            lines = [one.subject for one in held]
            said = {"lines": lines[:MOST_LINES], "count": len(lines), "more": max(0, len(lines) - MOST_LINES)}
            first.subject = f"保供：{len(lines)} 件事"
            first.body = render_to_string("messages/notice-digest-body.txt", said).strip()
            first.gathers = False
            first.save(update_fields=["subject", "body", "gathers"])
            merged += Delivery.objects.filter(pk__in=[one.pk for one in rest]).update(
                state=DeliveryState.MERGED, digest=first, done_at=now
            )
    return merged


def listed(account: Account, *, state: str = "") -> QuerySet[Delivery]:
    """Messages about the tickets of the desk's reach, the newest first. Refuses forbidden."""
    ground_access.require(account, "tickets:desk")
    found = Delivery.objects.filter(notice__ticket__in=access.tickets(account).values("pk"))
    found = found.select_related("notice__ticket", "account", "robot").order_by("-created_at", "-id")
    return found.filter(state=state) if state in DeliveryState.values else found


def failed(account: Account, ticket: Ticket) -> list[Delivery]:
    """Messages about a ticket that did not arrive, a digest that held one of them included."""
    if not duty.may_read(account):
        return []
    mine = Delivery.objects.filter(notice__ticket=ticket).select_related("account", "robot", "digest")
    return [one for one in mine if DeliveryState.FAILED in (one.state, one.digest.state if one.digest else "")]


def again(*, actor: Account, number: int) -> None:
    """Try a message that did not arrive once more. Writes: delivery, audit `delivery.again`. Refuses: not_found."""
    with transaction.atomic():
        row = listed(actor, state=DeliveryState.FAILED).filter(pk=number).first()
        if row is None:
            raise NotFound("没有这条没送到的消息。", field="delivery")
        changed = Delivery.objects.filter(pk=row.pk, state=DeliveryState.FAILED).update(
            state=DeliveryState.WAITING, not_before=timezone.now(), tries=0, error="", done_at=None, gathers=False
        )
        if changed:
            audit.record(actor=actor, act="delivery.again", on=row)


def preference(account: Account) -> str:
    """How the account hears of ordinary things."""
    found = MessagePreference.objects.filter(account=account).values_list("ordinary", flat=True).first()
    return found or Digest.AT_ONCE.value


def prefer(*, actor: Account, ordinary: str) -> None:
    """Choose for oneself. Writes: preference, audit `message_preference.set`. Refuses: forbidden, invalid_choice."""
    if not ground_access.roles(actor) - {Role.ENTERPRISE}:
        raise Forbidden("企业的消息发到登记的联系邮箱，请联系受理岗修改。")
    if ordinary not in Digest.values:
        raise Invalid("请从列表里选。", code="invalid_choice", field="ordinary")
    with transaction.atomic():
        row, _ = MessagePreference.objects.update_or_create(account=actor, defaults={"ordinary": ordinary})
        audit.record(actor=actor, act="message_preference.set", on=row, after={"ordinary": ordinary})


class _Plan:
    """Some notices, and what is read once for all of them."""

    def __init__(self, now: dt.datetime, tree: Tree, rows: list[Notice]) -> None:
        self.now, self.tree, self.rows = now, tree, rows
        times = reporting_settings.reminders(timezone.localdate(now), tree=tree)
        self.quiet = {code: unit.quiet for code, unit in times.items()}
        self.people = _people(rows)
        accounts = {one.pk for held in self.people.values() for one in held}
        accounts |= {row.account_id for row in rows if row.account_id}
        chosen = MessagePreference.objects.filter(account__in=accounts)
        self.ordinary = dict(chosen.values_list("account_id", "ordinary"))
        self.robots: dict[str, list[Robot]] = defaultdict(list)
        for robot in Robot.objects.filter(is_on=True):
            self.robots[robot.division_id].append(robot)

    def messages(self) -> list[Delivery]:
        return [message for row in self.rows for message in self._of(row)]

    def _of(self, row: Notice) -> list[Delivery]:
        if row.opened_at is not None or (row.enterprise_id is None and row.ticket.state in TERMINAL):
            return []
        found = []
        if settings.EMAIL_HOST:
            found += [one for one in (self._mail(row, account) for account in self._accounts(row)) if one is not None]
            if row.enterprise is not None and row.enterprise.contact_email:
                found.append(
                    self._message(row, DeliveryChannel.EMAIL, row.enterprise.contact_email, f"e{row.enterprise_id}")
                )
        if row.is_warning or row.ticket.mode != TicketMode.NORMAL:
            for robot in self.robots.get(row.division_id or "", []):
                one = self._message(row, DeliveryChannel.ROBOT, robot.name, f"r{robot.pk}")
                one.robot, one.gathers = robot, False
                one.body = f"{one.subject}\n请到系统查看 {row.ticket.number}。"
                found.append(one)
        return found

    def _accounts(self, row: Notice) -> Iterable[Account]:
        """Whoever it is for, never whoever caused it."""
        mine = [row.account] if row.account is not None else self.people.get((row.division_id, row.organisation_id), [])
        return [one for one in mine if one.pk != row.cause_id and one.email and one.is_active]

    def _mail(self, row: Notice, account: Account) -> Delivery | None:
        chosen = self.ordinary.get(account.pk, Digest.AT_ONCE)
        must = self._must(row)
        if chosen == Digest.OFF and not must:
            return None
        one = self._message(row, DeliveryChannel.EMAIL, account.email, f"a{account.pk}")
        one.account = account
        if chosen == Digest.DAILY and not must:
            one.not_before = _next_morning(self.now)
        return one

    def _message(self, row: Notice, channel: str, recipient: str, receiver: str) -> Delivery:
        must = self._must(row)
        at = self.now if must else max(self.now, row.created_at + GATHER)
        if row.ticket.mode != TicketMode.EMERGENCY:
            at = awake_at(self.quiet.get(row.ticket.division_id, ""), at)
        said = {
            "text": row.text,
            "ticket": row.ticket,
            "is_warning": row.is_warning,
            "is_enterprise": row.enterprise_id,
        }
        return Delivery(
            notice=row, key=f"notice:{row.pk}:{channel}:{receiver}", channel=channel, recipient=recipient,
            subject=f"【{row.ticket.number}】{row.text}"[:200],
            body=render_to_string("messages/notice-body.txt", said).strip(),
            created_at=self.now, not_before=at, gathers=not must,
        )  # fmt: skip

    def _must(self, row: Notice) -> bool:
        """What no preference holds back: warnings of clocks, supervision, urgent things, whoever is on duty."""
        return row.is_warning or row.shift_id is not None or row.ticket.mode != TicketMode.NORMAL


def _people(rows: list[Notice]) -> dict[tuple[str | None, int | None], list[Account]]:
    """Accounts at the desks, in the units and in the groups that the notices name. Three queries."""
    divisions = {row.division_id for row in rows if row.division_id}
    units = {row.organisation_id for row in rows if row.organisation_id}
    posts = Post.objects.believed().on(ground_access.today()).select_related("account")
    found: dict[tuple[str | None, int | None], list[Account]] = defaultdict(list)
    for post in posts.filter(role__in=(Role.CITY, Role.COUNTY), division__in=divisions):
        found[post.division_id, None].append(post.account)
    for post in posts.filter(role=Role.DEPARTMENT, organisation__in=units):
        found[None, post.organisation_id].append(post.account)
    members = GroupMember.objects.filter(group__organisation__in=units, account__isnull=False, ends_on=None)
    for member in members.select_related("account", "group"):
        if member.account is not None:
            found[None, member.group.organisation_id].append(member.account)
    return found


def _next_morning(now: dt.datetime) -> dt.datetime:
    here = timezone.localtime(now)
    morning = dt.datetime.combine(here.date(), MORNING, here.tzinfo)
    return morning if morning > here else morning + dt.timedelta(days=1)


def _is_needless(message: Delivery) -> bool:
    """Somebody opened the ticket meanwhile; a digest is sent whatever became of its parts."""
    if message.merged.exists():
        return False
    return Notice.objects.filter(pk=message.notice_id, opened_at__isnull=False).exists()
