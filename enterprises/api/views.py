"""Enterprises and divisions for programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises import access, production_lines
from enterprises.api.endpoint import Endpoint
from enterprises.api.schema import PAGING, page_of, parameter
from enterprises.api.serializers import DivisionRow, EnterpriseRow, EnterpriseSheet
from enterprises.choices import EnterpriseStatus, MembershipList
from enterprises.errors import NotFound
from enterprises.models import Certificate, DivisionFact, Enterprise, EnterpriseFact, Membership, Placement
from enterprises.rules.division_tree import Node
from enterprises.rules.names import folded


class Enterprises(Endpoint):
    """Enterprises within reach, as they stand today, in the order of pinyin."""

    abilities = {"GET": ("enterprises:read",)}
    parameters = ("search", "division", "list")
    is_paginated = True

    @extend_schema(
        operation_id="enterprises_list",
        summary="企业名单",
        tags=["enterprises"],
        parameters=[
            parameter("search", "名称中的字、拼音或拼音首字母、信用代码的一部分"),
            parameter("division", "区划代码；含其下各填报单位"),
            parameter("list", "名单", enum=MembershipList.values),
            *PAGING,
        ],
        responses=page_of(EnterpriseRow, "EnterprisePage"),
    )
    def get(self, request: Request) -> Response:
        today = access.today()
        found = searched(access.enterprises(self.account), self.query.text("search"))
        if division := self.query.text("division"):
            tree = DivisionFact.objects.tree(today)
            if division not in tree:
                raise NotFound("没有找到这个行政区划。", field="division")
            here = Placement.objects.believed().on(today).filter(division__in=tree.leaves(division))
            found = found.filter(pk__in=here.values("enterprise"))
        if wanted := self.query.choice("list", MembershipList.values):
            listed = Membership.objects.believed().on(today).filter(list=wanted)
            found = found.filter(pk__in=listed.values("enterprise"))
        return self.paginated(found.order_by("sort_key", "uscc"), lambda rows: described(rows, today))


class OneEnterprise(Endpoint):
    """One enterprise within reach, with its certificates and production lines."""

    abilities = {"GET": ("enterprises:read",)}

    @extend_schema(operation_id="enterprises_read", summary="一家企业", tags=["enterprises"], responses=EnterpriseSheet)
    def get(self, request: Request, uscc: str) -> Response:
        found = access.enterprise(self.account, uscc)
        certificates = Certificate.objects.believed().filter(enterprise=found).order_by("kind", "number")
        shown = [
            {
                "kind": one.kind,
                "number": one.number,
                "valid_from": one.valid_from.isoformat(),
                "valid_to": one.valid_to.isoformat() if one.valid_to is not None else None,
                "status": one.status,
            }
            for one in certificates
        ]
        lines = [
            {
                "id": one.pk,
                "name": one.name,
                "state": one.state or None,
                "expected_on": one.expected_on.isoformat() if one.expected_on is not None else None,
            }
            for one in production_lines.standing([found], access.today()).get(found.pk, ())
        ]
        return Response(described([found], access.today())[0] | {"certificates": shown, "lines": lines})


class Divisions(Endpoint):
    """The tree of a day, parents before children."""

    abilities = {"GET": ()}
    parameters = ("date",)
    is_paginated = True

    @extend_schema(
        operation_id="divisions_list",
        summary="行政区划与功能区",
        tags=["divisions"],
        parameters=[parameter("date", "哪一天的区划，默认今天", dt.date), *PAGING],
        responses=page_of(DivisionRow, "DivisionPage"),
    )
    def get(self, request: Request) -> Response:
        tree = DivisionFact.objects.tree(self.query.day("date") or access.today())
        nodes = [node for top in tree.tops() for node in tree.walk(top)]
        return self.paginated(nodes, lambda rows: [_division(node) for node in rows])


def searched(enterprises: QuerySet[Enterprise], text: str) -> QuerySet[Enterprise]:
    """Those whose name, pinyin, initials or credit code contain the text."""
    if not text:
        return enterprises
    wanted = folded(text)
    sounds = Q(sort_key__contains=wanted) | Q(initials__contains=wanted) if wanted.isascii() else Q()
    return enterprises.filter(sounds | Q(name__icontains=text.strip()) | Q(uscc__icontains=wanted))


def described(enterprises: Iterable[Enterprise], day: dt.date) -> list[dict[str, Any]]:
    """Rows of enterprises as they stand on a day. Four queries for any number."""
    rows = list(enterprises)
    facts = {f.enterprise_id: f for f in EnterpriseFact.objects.believed().on(day).filter(enterprise__in=rows)}
    units = dict(
        Placement.objects.believed().on(day).filter(enterprise__in=rows).values_list("enterprise_id", "division_id")
    )
    tree = DivisionFact.objects.tree(day)
    lists: dict[int, list[str]] = {}
    for one in Membership.objects.believed().on(day).filter(enterprise__in=rows).order_by("list"):
        lists.setdefault(one.enterprise_id, []).append(one.list)
    found = []
    for row in rows:
        fact, unit = facts.get(row.pk), units.get(row.pk)
        found.append(
            {
                "uscc": row.uscc,
                "name": fact.name if fact is not None else row.name,
                "kind": row.kind,
                "status": fact.status if fact is not None else EnterpriseStatus.ACTIVE.value,
                "division": unit,
                "division_name": tree[unit].name if unit is not None and unit in tree else None,
                "lists": lists.get(row.pk, []),
            }
        )
    return found


def _division(node: Node) -> dict[str, Any]:
    return {
        "code": node.code,
        "name": node.name,
        "level": node.level,
        "parent": node.parent,
        "is_reporting": node.is_reporting,
    }
