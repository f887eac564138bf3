"""Group robots: add one, drop one, and which the account may see."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from enterprises import access, audit
from enterprises.errors import Invalid, reading
from enterprises.models import Account, DivisionFact
from enterprises.rules import names
from supplies.choices import RobotKind
from supplies.models import Robot
from supplies.reminders.senders import is_permitted


def add_robot(
    *, actor: Account | None, name: str, kind: str, address: str, division: str, secret: str = ""
) -> Robot:  # fmt: skip
    """Let a work group be told who is missing in a division.

    Writes: robot, audit `robot.add` (without its address, which is a secret).
    Refuses: forbidden, not_found (division), required (name), invalid_choice, robot_address (not a permitted origin).
    """
    access.require_in(actor, division, "settings:write")
    with reading("name"):
        name = names.clean(name, what="群名", longest=60)
    if not name:
        raise Invalid("请填写群名。", code="required", field="name")
    if kind not in RobotKind.values:
        raise Invalid("请选择平台。", code="invalid_choice", field="kind")
    address, secret = address.strip(), secret.strip()
    if len(address) > 500 or len(secret) > 200 or not is_permitted(address):
        message = "机器人地址应是企业微信、钉钉或飞书给出的 https 地址；其他平台要由系统管理员在 ROBOT_ORIGINS 中允许。"
        raise Invalid(message, code="robot_address", field="address")
    with transaction.atomic():
        robot = Robot.objects.create(
            name=name, kind=kind, address=address, secret=secret, division_id=division, created_at=timezone.now()
        )
        audit.record(actor=actor, act="robot.add", on=robot, after={"kind": kind, "division": division, "name": name})
    return robot


def drop_robot(*, actor: Account | None, robot: Robot) -> None:
    """Tell a group nothing any more; what it was told stays on the list. Writes: robot, audit `robot.drop`."""
    access.require_in(actor, robot.division_id, "settings:write")
    with transaction.atomic():
        if Robot.objects.filter(pk=robot.pk, is_on=True).update(is_on=False, secret="", address=""):
            audit.record(actor=actor, act="robot.drop", on=robot)


def robots(account: Account) -> QuerySet[Robot]:
    """Robots in use whose divisions the account sets up."""
    tree = DivisionFact.objects.tree(access.today())
    where = access.reach(account, "settings:write")
    found = Robot.objects.filter(is_on=True)
    if where.everywhere:
        return found
    return found.filter(division__in=[node.code for top in where.divisions for node in tree.walk(top)])
