"""A turn of a conversation that several replicas may answer at the same time."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from store.forgetting_store import OvertakenError

TRIES = 6
LONGEST_PAUSE_SECONDS = 0.1


async def undisturbed[Outcome](turn: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """The outcome of `turn`, done anew when another replica wrote to the conversation meanwhile.

    Raises OvertakenError when that happened TRIES times.
    """
    for _ in range(TRIES - 1):
        try:
            return await turn()
        except OvertakenError:
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))
    return await turn()
