"""The cache on Redis answers like an empty one while Redis is away, and does not make anybody wait."""

import time

import pytest
from django.conf import settings

from coordination.caches import ForgivingRedisCache

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def cache():
    return ForgivingRedisCache(AWAY, {})


def test_a_dead_redis_is_an_empty_cache(cache):
    cache.set("key", 1)
    assert cache.get("key") is None
    assert cache.get("key", "instead") == "instead"
    assert cache.get_many(["key"]) == {}
    assert cache.add("key", 1) is True
    assert cache.touch("key") is False
    assert cache.delete("key") is False
    assert cache.has_key("key") is False
    assert cache.set_many({"key": 1}) == ["key"]
    cache.delete_many(["key"])
    cache.clear()
    with pytest.raises(ValueError, match="not found"):
        cache.incr("key")


def test_a_hundred_questions_to_a_dead_redis_take_no_time(cache):
    began = time.monotonic()
    for number in range(100):
        cache.get(f"key{number}")
    assert time.monotonic() - began < 1


@pytest.mark.skipif(not settings.REDIS_URL, reason="no Redis in this run")
def test_a_living_redis_keeps_what_it_is_given():
    cache = ForgivingRedisCache(settings.REDIS_URL, {"KEY_PREFIX": settings.CACHES["default"]["KEY_PREFIX"]})
    cache.set("key", {"value": 1}, 60)
    assert cache.get("key") == {"value": 1}
    cache.set("count", 1, 60)
    assert cache.incr("count") == 2
    assert cache.delete("key") is True
