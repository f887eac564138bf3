"""What every endpoint is: bearer tokens, abilities, strict queries, exact JSON, ETags, pages. Closed unless opened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.exceptions import ParseError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enterprises import access
from enterprises.api.authentication import BearerAuthentication
from enterprises.api.parsers import StrictJSONParser
from enterprises.api.query import UNSTORABLE, Query
from enterprises.api.renderers import ExactJSONRenderer
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account

PAGE_SIZE, LARGEST_PAGE = 50, 200
PAGING = ("page", "page_size")

Row = TypeVar("Row")


class Conditional(APIView):
    """Answers reads with an ETag, and with 304 where the client has them already; writes are never kept."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["Authorization"])
        if request.method not in ("GET", "HEAD") or response.status_code != 200 or response.streaming:
            response.setdefault("Cache-Control", "private, no-cache" if "ETag" in response else "private, no-store")
            return response
        if not response.has_header("ETag"):
            if isinstance(response, Response):
                response.render()
            response["ETag"] = quoted(hashlib.sha256(response.content))  # type: ignore[attr-defined]
        response.setdefault("Cache-Control", "private, no-cache")
        return unmodified(response) if has(request, response["ETag"]) else response


class Endpoint(Conditional):
    """A resource of version 1.

    abilities: by method, of which the account needs one; () = every account that signed in. A method without an entry
    is closed. parameters: the query parameters of reads, to which is_paginated adds page and page_size;
    write_parameters: those of all other methods.
    """

    abilities: ClassVar[dict[str, tuple[str, ...]]] = {}
    parameters: ClassVar[tuple[str, ...]] = ()
    write_parameters: ClassVar[tuple[str, ...]] = ()
    is_paginated: ClassVar[bool] = False

    authentication_classes = (BearerAuthentication,)
    parser_classes = (StrictJSONParser,)
    permission_classes = (IsAuthenticated,)
    renderer_classes = (ExactJSONRenderer,)
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    query: Query

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who, how often, what may be done, what is asked; in this order."""
        self.received_at = timezone.now()
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method.lower() not in self.http_method_names or not hasattr(self, method.lower()):
            return  # answered by 405
        needed = self.abilities.get(method)
        if needed is None or (needed and not any(access.may(request.user, ability) for ability in needed)):
            raise Forbidden("您的账号或令牌没有这项权限。")
        if any(isinstance(value, str) and UNSTORABLE.search(value) for value in kwargs.values()):
            raise NotFound
        reads = (*self.parameters, *(PAGING if self.is_paginated else ()))
        self.query = Query(request.query_params, reads if method == "GET" else self.write_parameters)

    def body(self) -> Any:
        """The value of the body, with numbers as JsonNumber. Refuses what StrictJSONParser refuses; an empty body too."""
        if self.request.META.get("CONTENT_LENGTH") in (None, "", "0"):
            raise ParseError("没有正文。", code="not_json")
        return self.request.data

    def paginated(
        self, rows: QuerySet[Any] | Sequence[Row], render: Callable[[list[Any]], list[dict[str, Any]]]
    ) -> Response:
        """One page of rows in their order; `render` gets the rows of the page only. Refuses not_found past the end."""
        page = self.query.whole("page", default=1)
        size = min(self.query.whole("page_size", default=PAGE_SIZE), LARGEST_PAGE)
        count = rows.count() if isinstance(rows, QuerySet) else len(rows)
        start = (page - 1) * size
        if page > 1 and start >= count:
            raise NotFound("没有这一页。", field="page")
        return Response(
            {
                "count": count,
                "next": self._page(page + 1) if start + size < count else None,
                "previous": self._page(page - 1) if page > 1 else None,
                "results": render(list(rows[start : start + size])),
            }
        )

    def unless_modified(self, version: str, build: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """304 before anything is computed, where the client has this version of this address; else what `build` gives.

        `version` changes whenever the answer would; who may see what is part of it already.
        """
        account = self.account
        who = [str(account.pk), *sorted(map(repr, access.held(account))), *sorted(access.abilities(account))]
        tag = quoted(hashlib.sha256("\n".join([version, self.request.get_full_path(), *who]).encode()))
        if has(self.request, tag):
            unchanged = HttpResponseNotModified()
            unchanged["ETag"] = tag
            return unchanged
        response = build()
        response["ETag"] = tag
        return response

    @property
    def account(self) -> Account:
        """Who calls."""
        return cast(Account, self.request.user)

    def _page(self, number: int) -> str:
        query = self.request.query_params.copy()
        query["page"] = str(number)
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")


def quoted(digest: Any) -> str:
    return f'"{digest.hexdigest()[:32]}"'


def has(request: HttpRequest | Request, tag: str) -> bool:
    """Whether the client has this version: If-None-Match, compared weakly as its rule says."""
    known = [one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))]
    return tag.removeprefix("W/") in known or known == ["*"]


def unmodified(response: HttpResponseBase) -> HttpResponseNotModified:
    """304 in place of the answer, with the headers that caches need."""
    short = HttpResponseNotModified()
    for name in ("ETag", "Cache-Control", "Vary"):
        short[name] = response[name]
    return short
