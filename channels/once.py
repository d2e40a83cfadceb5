"""One message, one answer, however often it is sent."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

Answer = TypeVar("Answer")


class InFlight[Answer]:
    """Work that is being done now, by key; who asks again meanwhile gets the same outcome.

    Bounded by what is being answered: an entry goes as soon as its work has ended.
    """

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Answer]] = {}

    async def do(self, key: Hashable, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The outcome of `work`, begun now unless it is under way already.

        It goes on when a caller has hung up: another one may be waiting for it.
        """
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(_awaited(work))
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
        return await asyncio.shield(task)

    def __len__(self) -> int:
        return len(self._tasks)


async def _awaited[Answer](work: Callable[[], Awaitable[Answer]]) -> Answer:
    return await work()
