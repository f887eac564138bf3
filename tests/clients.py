"""Other people's programs: a client that calls with a token of an account."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from rest_framework.test import APIClient

from enterprises import api_tokens
from enterprises.choices import TokenScope
from enterprises.models import Account


class Program(APIClient):
    """Calls as an account. Bodies are sent as they are given: bytes and text raw, everything else as JSON."""

    def __init__(self, account: Account | None = None, *scopes: str) -> None:
        super().__init__()
        if account is not None:
            raw, _ = api_tokens.create(actor=None, account=account, scopes=scopes or TokenScope.values)
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {raw}")

    def send(self, path: str, body: Any, **headers: Any) -> Any:
        """POST a body as application/json."""
        data = (
            body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        )
        headers.setdefault("content_type", "application/json")
        return self.post(path, data=data, **headers)


def exact(response: Any) -> Any:
    """The body with its numbers exact."""
    return json.loads(response.content, parse_float=Decimal)
