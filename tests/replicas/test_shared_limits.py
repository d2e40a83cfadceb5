"""R5 for several replicas: one limit for all of them, and nobody refused because Redis is away."""

import asyncio
import time

import pytest
from servers import Redis

from channels import rate_limit as module
from channels.rate_limit import RateLimit, rate_limit
from channels.settings import SettingError


async def passed(limits: list[RateLimit], key: str, times: int) -> int:
    """How many of `times` requests are let through, sent to the replicas in turn."""
    waits = [await limits[n % len(limits)].wait_seconds(key) for n in range(times)]
    return waits.count(0)


async def test_replicas_count_together(redis: Redis) -> None:
    replicas = [RateLimit("10 per hour", redis.url) for _ in range(3)]
    assert await passed(replicas, "ann", 30) == 10
    assert await passed(replicas, "bob", 3) == 3


async def test_without_redis_each_process_counts_for_itself() -> None:
    replicas = [RateLimit("10 per hour") for _ in range(3)]
    assert await passed(replicas, "ann", 60) == 30


async def test_while_redis_is_away_the_process_counts_and_afterwards_redis_again(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "ALONE_SECONDS", 0.2)
    replicas = [RateLimit("3 per hour", redis.url) for _ in range(2)]
    assert await passed(replicas, "cid", 1) == 1
    redis.kill()
    try:
        assert await passed(replicas[:1], "cid", 10) == 3
        assert "Redis does not count" in caplog.text and "cid" not in caplog.text
    finally:
        redis.start()
        redis.wait()
    await asyncio.sleep(0.3)
    # It restarted empty: counted from the beginning, together.
    assert await passed(replicas, "cid", 10) == 3


async def test_redis_that_hangs_costs_half_a_second_once(redis: Redis) -> None:
    limit = RateLimit("100 per hour", redis.url)
    assert await limit.wait_seconds("dan") == 0
    redis.freeze(True)
    try:
        began = time.monotonic()
        assert [await limit.wait_seconds("dan") for _ in range(20)] == [0] * 20
        assert time.monotonic() - began < 3 * module.REDIS_SECONDS
    finally:
        redis.freeze(False)


def test_address_that_is_none_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "http://:secret@example.org")
    with pytest.raises(SettingError, match="REDIS_URL is no address") as error:
        rate_limit("1 per hour")
    assert "secret" not in str(error.value)
