"""Rasa on a thread of its own: whatever is stuck in it, the channels still hear and speak.

Rasa understands, acts and stores without once giving way to anybody else in its event loop. In
the server's own loop a slow component or a locked database would stop every clock there, also
the one that is to cut the waiting short.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from channels.fallback import Fallback, is_safety
from runtime import metrics
from runtime.error_log import without_values

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
Earlier = Callable[[], list[dict[str, Any]] | None]
Items = list[dict[str, Any]]

# What is left of the time limit is for the answer that stands in, and for the way back.
SHARE_OF_TIME = 0.85


class AssistantThread:
    """An event loop on a thread; what is given to it is done there, in turns."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="assistant", daemon=True).start()

    async def do[Result](self, work: Callable[[], Awaitable[Result]], seconds: float) -> Result:
        """The outcome of `work`, done there; TimeoutError when it is not there in time."""
        done = asyncio.run_coroutine_threadsafe(_awaited(work), self._loop)
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(done)


@lru_cache(maxsize=1)
def assistant_thread() -> AssistantThread:
    """The one of this process: Rasa's locks and stores are not made for two."""
    return AssistantThread()


class Assistant:
    """Asks Rasa for an answer, and stands in for it when there is none in time."""

    def __init__(self, ask: OnNewMessage, fallback: Fallback, timeout_seconds: float) -> None:
        self._ask = ask
        self._fallback = fallback
        self._seconds = SHARE_OF_TIME * timeout_seconds

    async def answer(self, message: UserMessage, output: CollectingOutputChannel) -> Items:
        """What is said to `message`, which speaks through `output`; never nothing, never late."""
        try:
            await assistant_thread().do(lambda: self._ask(message), self._seconds)
        except Exception as error:  # whatever broke, the person gets an answer
            logger.error("A message got no proper answer: %s", without_values(error))
            # Emergency words that are ready are worth more than a clean failure.
            ready = [item for item in output.messages if is_safety(item)]
        else:
            ready = [item for item in output.messages if item.get("text") or "custom" in item]
        if ready:
            return ready
        metrics.SORRY.labels(message.input_channel).inc()
        return self._fallback.items(message.text)


async def earlier_answer(look_up: Earlier, seconds: float) -> list[dict[str, Any]] | None:
    """What `look_up` finds in the store; None when it finds nothing, fails, or takes too long."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(look_up)
    except Exception as error:  # to answer twice is better than not to answer
        logger.error("It is unknown whether a message came twice: %s", without_values(error))
        return None


async def _awaited[Result](work: Callable[[], Awaitable[Result]]) -> Result:
    return await work()
