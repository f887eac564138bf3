"""Writes answers as JSON without binary floats (R16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from enterprises.rules import exact_json


class ExactJSONRenderer(BaseRenderer):
    """application/json in UTF-8; Decimals become exact numbers."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else exact_json.dumps(data).encode()
