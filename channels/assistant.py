"""Rasa on a thread of its own: whatever is stuck in it, the channels still hear and speak.

Once it has begun with a message, Rasa understands, acts and stores without giving way to anybody
else in its event loop. In the server's own loop a slow component or a locked database would stop
every clock there, also the one that is to cut the waiting short.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered

from channels.fallback import Fallback, is_safety
from channels.turn import undisturbed
from runtime import metrics
from runtime.error_log import without_values
from runtime.turns import one_turn
from store.forgetting_store import StoreFailedError, UnreadError

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
Items = list[dict[str, Any]]
Earlier = Callable[[], Awaitable[Items | None]]

# What is left of the time limit is for the answer that stands in, and for the way back.
SHARE_OF_TIME = 0.85
# A database that restarts is waited for; after that the answer counts more than its being kept.
STORE_SECONDS = 3.0
STORE_PAUSE_SECONDS = 0.3


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

    async def answer(
        self, message: UserMessage, output: CollectingOutputChannel, earlier: Earlier | None
    ) -> Items:
        """What is said to `message`, which speaks through `output`; never nothing, never late.

        `earlier` finds the bot's events that answered this very message, where it came before; None
        for a message without an id. Items that the store could not keep have `kept: false`.
        """
        turn = _Turn(self._ask, message, output, earlier, self._fallback.without_memory())
        try:
            await assistant_thread().do(turn.kept, self._seconds)
            ready = _spoken(output)
        except Exception as error:  # whatever broke, the person gets an answer
            ready = turn.rescued(error)
        if ready:
            return ready
        metrics.SORRY.labels(message.input_channel).inc()
        return self._fallback.items(message.text)


class _Turn:
    """One message and its answer. `unkept` is the answer as long as the store fails to keep it."""

    def __init__(
        self,
        ask: OnNewMessage,
        message: UserMessage,
        output: CollectingOutputChannel,
        earlier: Earlier | None,
        without_memory: dict[str, Any],
    ) -> None:
        self._ask = ask
        self._without_memory = without_memory
        self._message = message
        self._output = output
        self._earlier = earlier
        self.unkept: Items = []

    async def kept(self) -> None:
        """Answer, and answer anew while the store fails; raises what the store raises in the end.

        An emergency is not waited with, nor a message without an id: it could be kept twice.
        """
        with one_turn(self._message):
            await self._tried()

    async def _tried(self) -> None:
        end = time.monotonic() + STORE_SECONDS
        while True:
            try:
                return await undisturbed(self._once)
            except StoreFailedError as error:
                # Only keeping it failed. The answer is whole, and worth more than an excuse.
                said = _spoken(self._output)
                urgent = any(map(is_safety, said))
                if isinstance(error, UnreadError) and not urgent:
                    said = [self._without_memory, *said]
                self.unkept = [_not_kept(item) for item in said]
                if urgent or self._earlier is None or time.monotonic() > end:
                    raise
            await asyncio.sleep(STORE_PAUSE_SECONDS)

    def rescued(self, error: Exception) -> Items:
        """What was ready to be said when `error` ended the turn; the log says what came of it."""
        told = without_values(error)
        if self.unkept:
            metrics.UNKEPT.labels(self._message.input_channel).inc()
            logger.error("An answer was given, but could not be kept: %s", told)
            return self.unkept
        # Emergency words that are ready are worth more than a clean failure.
        if urgent := [item for item in self._output.messages if is_safety(item)]:
            logger.error("Of an answer that broke off, its safety reply was given: %s", told)
            return urgent
        logger.error("A message got no proper answer: %s", told)
        return []

    async def _once(self) -> None:
        self._output.messages.clear()
        before = await _found(self._earlier) if self._earlier else None
        for event in before or ():
            said = BotUttered.from_parameters(event).message()
            await self._output.send_response(self._message.sender_id, said)
        if not before:
            await self._ask(self._message)


async def _found(earlier: Earlier) -> Items | None:
    try:
        return await earlier()
    except Exception as error:  # to answer twice is better than not to answer
        logger.error("It is unknown whether a message came twice: %s", without_values(error))
        return None


def _spoken(output: CollectingOutputChannel) -> Items:
    return [item for item in output.messages if item.get("text") or "custom" in item]


def _not_kept(item: dict[str, Any]) -> dict[str, Any]:
    """An item that tells the client that the guide will not remember it."""
    return {**item, "custom": {**item.get("custom", {}), "kept": False}}


async def _awaited[Result](work: Callable[[], Awaitable[Result]]) -> Result:
    return await work()
