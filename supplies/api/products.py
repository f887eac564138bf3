"""The product catalogue for programs: codes, units, what is required, which certificates count."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises import access
from enterprises.api.endpoint import Endpoint
from enterprises.api.schema import PAGING, page_of, parameter
from enterprises.errors import NotFound
from supplies import products
from supplies.api.serializers import ProductRow
from supplies.rules.catalogue import Catalogue, Entry

DATE = parameter("date", "哪一天的目录，默认今天", OpenApiTypes.DATE)


class Products(Endpoint):
    """The catalogue of a day, in its order."""

    abilities = {"GET": ()}
    parameters = ("date", "category")
    is_paginated = True

    @extend_schema(
        operation_id="products_list",
        summary="物资目录",
        tags=["products"],
        parameters=[DATE, parameter("category", "类别代码"), *PAGING],
        responses=page_of(ProductRow, "ProductPage"),
    )
    def get(self, request: Request) -> Response:
        known = products.catalogue(self.query.day("date") or access.today())
        category = self.query.text("category")
        if category and category not in known.categories:
            raise NotFound("没有这个类别。", field="category")
        found = [entry for entry in known.entries.values() if category in ("", entry.category)]
        return self.paginated(found, lambda page: [described(entry, known) for entry in page])


class OneProduct(Endpoint):
    """One entry of the catalogue, by its code."""

    abilities = {"GET": ()}
    parameters = ("date",)

    @extend_schema(
        operation_id="products_read", summary="一种产品", tags=["products"], parameters=[DATE], responses=ProductRow
    )
    def get(self, request: Request, code: str) -> Response:
        known = products.catalogue(self.query.day("date") or access.today())
        if code not in known:
            raise NotFound("目录里没有这种产品。", field="product")
        return Response(described(known[code], known))


def described(entry: Entry, catalogue: Catalogue) -> dict[str, Any]:
    """An entry as the API gives it."""
    return {
        "code": entry.code,
        "name": entry.name,
        "category": entry.category,
        "category_name": catalogue.categories.get(entry.category, entry.category),
        "stage": entry.stage,
        "base_unit": entry.base_unit,
        "display_unit": entry.display_unit,
        "units": {unit: list(factor) for unit, factor in entry.units.items()},
        "required": list(entry.required),
        "certificate_kinds": list(entry.certificate_kinds),
    }
