"""How often one may ask; counted in this process, forgotten when the time has passed."""

import ipaddress
import math
import os
import time

from limits import parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from channels.settings import SettingError

SWITCH = "RATE_LIMIT"


class RateLimit:
    """Lets each key through so often, as `20 per minute` says; a key is never logged or stored."""

    def __init__(self, rate: str) -> None:
        self._items = parse_many(rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def wait_seconds(self, key: str) -> int:
        """Count a request of `key`: 0 lets it through, else the seconds until it may try again."""
        for item in self._items:
            if not await self._limiter.hit(item, key):
                stats = await self._limiter.get_window_stats(item, key)
                return max(1, math.ceil(stats.reset_time - time.time()))
        return 0


class NoLimit(RateLimit):
    """Lets everything through."""

    def __init__(self) -> None:
        """Nothing is counted."""

    async def wait_seconds(self, key: str) -> int:
        return 0


def rate_limit(rate: str) -> RateLimit:
    """The limit for `rate`; none at all where the environment says RATE_LIMIT=0."""
    switch = os.environ.get(SWITCH, "1")
    if switch not in {"0", "1"}:
        raise SettingError(f"{SWITCH}={switch} says nothing; 0 switches rate limits off, 1 on")
    return RateLimit(rate) if switch == "1" else NoLimit()


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
