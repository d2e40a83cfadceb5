"""How often one may ask; forgotten when the time has passed.

Counted for all replicas in Redis where there is one, else in this process.
"""

import ipaddress
import logging
import math
import os
import re
import time

from limits import parse_many
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from channels.settings import SettingError

logger = logging.getLogger(__name__)

SWITCH = "RATE_LIMIT"
REDIS_URL = "REDIS_URL"

REDIS_ADDRESS = re.compile(r"rediss?://\S+")
REDIS_SECONDS = 0.5  # to count is not worth a longer wait
ALONE_SECONDS = 5.0  # so long Redis is left alone after a failure


class RateLimit:
    """Lets each key through so often, as `20 per minute` says; a key is never logged.

    While the Redis at `redis_url` is away, the process counts by itself: a limit that is too kind
    for a moment is better than a person who is refused.
    """

    def __init__(self, rate: str, redis_url: str = "") -> None:
        self._items = parse_many(rate)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(_redis(redis_url)) if redis_url else None
        self._alone_until = 0.0

    async def wait_seconds(self, key: str) -> int:
        """Count a request of `key`: 0 lets it through, else the seconds until it may try again."""
        if self._shared and time.monotonic() >= self._alone_until:
            try:
                return await self._wait_seconds(self._shared, key)
            except Exception as error:  # whatever Redis has, nobody is to wait for it
                self._alone_until = time.monotonic() + ALONE_SECONDS
                kind = type(error).__name__
                logger.warning("Redis does not count (%s), so this process does", kind)
        return await self._wait_seconds(self._own, key)

    async def _wait_seconds(self, limiter: SlidingWindowCounterRateLimiter, key: str) -> int:
        for item in self._items:
            if not await limiter.hit(item, key):
                stats = await limiter.get_window_stats(item, key)
                return max(1, math.ceil(stats.reset_time - time.time()))
        return 0


class NoLimit(RateLimit):
    """Lets everything through."""

    def __init__(self) -> None:
        """Nothing is counted."""

    async def wait_seconds(self, key: str) -> int:
        return 0


def rate_limit(rate: str) -> RateLimit:
    """The limit for `rate`; none at all where the environment says RATE_LIMIT=0.

    Counted in the Redis that the environment variable REDIS_URL names.
    """
    switch = os.environ.get(SWITCH, "1")
    if switch not in {"0", "1"}:
        raise SettingError(f"{SWITCH}={switch} says nothing; 0 switches rate limits off, 1 on")
    redis_url = os.environ.get(REDIS_URL, "").strip()
    if redis_url and not REDIS_ADDRESS.fullmatch(redis_url):
        # The value may hold a password.
        raise SettingError(f"{REDIS_URL} is no address of Redis; write redis://host:6379/0")
    return RateLimit(rate, redis_url) if switch == "1" else NoLimit()


def client_address(peer: str, forwarded_for: str, proxies: int) -> str:
    """Whom to count: the peer or, behind that many proxies of our own, whom the first one saw.

    What stands further left in X-Forwarded-For is the client's own claim. An IPv6 household has
    a whole /64 to itself, so that is what is counted.
    """
    named = [part.strip() for part in forwarded_for.split(",")]
    address = named[-proxies] if 0 < proxies <= len(named) and named[-proxies] else peer
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return peer
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        key_prefix="gut-skin-guide",
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
    )
