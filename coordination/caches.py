"""The cache on Redis: whatever it holds can be lost, so a dead Redis costs a few counters and never a page."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
REST_SECONDS = 5
"""After a failure the cache is left alone this long: waiting for a dead host must not be paid by every request."""


class ForgivingRedisCache(RedisCache):
    """A Redis cache that answers like an empty one while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("socket_connect_timeout", 0.3)
        options.setdefault("socket_timeout", 1)
        super().__init__(server, params)
        self._resting_until = 0.0

    def _try(self, act: str, instead: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self._resting_until:
            return instead
        try:
            return getattr(super(), act)(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            log.warning("cache is away: %s", type(error).__name__)
            return instead

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try("add", True, key, value, *args, **kwargs))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try("get", default, key, default, version)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self._try("set", None, key, value, *args, **kwargs)

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try("touch", False, key, *args, **kwargs))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._try("delete", False, key, version))

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        found: dict[Any, Any] = self._try("get_many", {}, keys, version)
        return found

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._try("has_key", False, key, version))

    def set_many(self, data: dict[Any, Any], *args: Any, **kwargs: Any) -> list[Any]:
        failed: list[Any] = self._try("set_many", list(data), data, *args, **kwargs)
        return failed

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._try("delete_many", None, keys, version)

    def clear(self) -> None:
        self._try("clear", None)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """As Django has it: a key that is not there is a ValueError, also while Redis is away."""
        found = self._try("incr", None, key, delta, version)
        if found is None:
            raise ValueError(f"Key {key!r} not found.")
        return int(found)
