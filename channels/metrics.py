"""GET /metrics, for Prometheus alone: there only with METRICS_TOKEN set, and closed without it."""

import asyncio
import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from prometheus_client import CONTENT_TYPE_LATEST
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.settings import SettingError
from runtime import metrics
from runtime.error_log import without_values

METRICS_TOKEN = "METRICS_TOKEN"
SHORTEST_TOKEN = 32
LIMIT_SECONDS = 2.0

WhyNot = Callable[[Sanic], Awaitable[str | None]]
logger = logging.getLogger(__name__)


@runtime_checkable
class Queueing(Protocol):
    """A channel that keeps messages until they are answered."""

    async def waiting(self) -> tuple[int, float]:
        """How many wait, and for how many seconds the oldest has."""


def add_routes(app: Sanic, why_not_ready: WhyNot) -> None:
    """Serve /metrics to who has the token; raises SettingError for a token that is too short."""
    token = configured_token()
    if not token:
        return

    @app.get("/metrics", name="metrics")
    async def scrape(request: Request) -> HTTPResponse:
        if not is_right(request.headers.get("authorization", ""), token):
            headers = {"WWW-Authenticate": "Bearer"}
            return response.json({"error": "The token is missing or wrong."}, 401, headers=headers)
        metrics.READY.set(0 if await why_not_ready(app) else 1)
        await measure_queues(app)
        return response.raw(metrics.page(), content_type=CONTENT_TYPE_LATEST)


def configured_token() -> str:
    """The token of the environment; empty where the operator wants no metrics."""
    token = os.environ.get(METRICS_TOKEN, "").strip()
    if token and len(token) < SHORTEST_TOKEN:
        # The value is a secret even when it is too short.
        raise SettingError(
            f"{METRICS_TOKEN} has under {SHORTEST_TOKEN} characters; "
            "`openssl rand -hex 32` makes a good one"
        )
    return token


def is_right(given: str, token: str) -> bool:
    """Whether an Authorization header carries `token`; takes the same time for every wrong one."""
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


async def measure_queues(app: Sanic) -> None:
    """Ask channels that queue for the length; a database that fails costs these figures alone."""
    for channel in getattr(app.ctx, "input_channels", ()):
        if not isinstance(channel, Queueing):
            continue
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                count, seconds = await channel.waiting()
        except Exception as error:  # whatever the store raises, the other figures are wanted
            logger.warning("The queue could not be measured: %s", without_values(error))
            continue
        metrics.WAITING.set(count)
        metrics.WAITING_SECONDS.set(seconds)
