"""The load: people who write to a server, in a process of its own so that it slows nobody down.

Reads a plan as JSON from its standard input, writes what it found as JSON to its standard output.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice

import aiohttp

ANSWER_SECONDS = 60.0
APART = 7  # places between the questions of two users, so that they do not ask in step


@dataclass(frozen=True)
class Load:
    """People who write without a pause, until `messages` are sent or `seconds` have passed."""

    users: int
    turns: int  # messages of a conversation; then somebody new begins
    messages: int
    seconds: float


@dataclass
class Answers:
    """Seconds each answered message took, those without a proper answer, and the time of it all."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0  # no answer, an error, or an answer without text
    elapsed: float = 0.0

    def add(self, other: "Answers") -> None:
        """Count another run of the same load in."""
        self.seconds += other.seconds
        self.failed += other.failed
        self.elapsed += other.elapsed

    @property
    def throughput(self) -> float:
        """Answered messages a second."""
        return len(self.seconds) / self.elapsed


@dataclass(frozen=True)
class Growth:
    """Conversations of different lengths, continued in turn, so that drift meets them all.

    The longest goes on through all `repeats`; the others begin anew for each.
    """

    lengths: Sequence[int]  # messages sent beforehand, the most last
    window: int  # messages measured in each, and each time
    repeats: int
    seconds: float  # after which the longest is grown no further


@dataclass(frozen=True)
class Grown:
    """A conversation that had `length` messages, and the median seconds of the next ones."""

    length: int
    seconds: float


def run_load(url: str, texts: Sequence[str], load: Load) -> Answers:
    """Put the load on the server at `url`."""
    return Answers(**_in_process_of_its_own(url, texts, {"load": asdict(load)}))


def run_growth(url: str, texts: Sequence[str], growth: Growth) -> list[Grown]:
    """What a message costs by the length of its conversation; the same questions in all."""
    found = _in_process_of_its_own(url, texts, {"growth": asdict(growth)})
    return [Grown(**one) for one in found["grown"]]


def _in_process_of_its_own(url: str, texts: Sequence[str], plan: dict[str, object]) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps({"url": url, "texts": list(texts), **plan}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


class Client:
    """Writes to one server and notes how long each answer took."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = f"{url}/webhooks/rest/webhook"
        self._session = session
        self.answers = Answers()

    async def say(self, sender: str, message: str) -> float:
        """Send a message; seconds until its answer was there, infinite where none came."""
        start = time.perf_counter()
        try:
            async with self._session.post(
                self._url, json={"sender": sender, "message": message}
            ) as response:
                items = await response.json() if response.status == 200 else []
        except (aiohttp.ClientError, TimeoutError, ValueError):
            items = []
        if not any(item.get("text") for item in items):
            self.answers.failed += 1
            return float("inf")
        seconds = time.perf_counter() - start
        self.answers.seconds.append(seconds)
        return seconds


async def apply_load(client: Client, texts: Sequence[str], load: Load) -> Answers:
    """Several people at once; each begins a new conversation after some turns."""
    begun = time.perf_counter()
    turns = iter(range(load.messages))

    async def person(number: int) -> None:
        own = islice(cycle(texts), number * APART, None)
        for said, (text, _) in enumerate(zip(own, turns, strict=False)):
            if said % load.turns == 0:
                sender = str(uuid.uuid4())
            if time.perf_counter() - begun >= load.seconds:
                return
            await client.say(sender, text)

    await asyncio.gather(*map(person, range(load.users)))
    client.answers.elapsed = time.perf_counter() - begun
    return client.answers


async def apply_growth(client: Client, texts: Sequence[str], growth: Growth) -> list[Grown]:
    """Grow the conversations, then continue them in turn."""
    longest = str(uuid.uuid4())
    reached = await _grow(client, longest, texts, growth.lengths[-1], growth.seconds)
    measured: list[list[float]] = [[] for _ in growth.lengths]
    for _ in range(growth.repeats):
        shorter = [str(uuid.uuid4()) for _ in growth.lengths[:-1]]
        for sender, length in zip(shorter, growth.lengths, strict=False):
            await _grow(client, sender, texts, length, growth.seconds)
        for text in _some(texts, growth.window):
            for sender, seconds in zip([*shorter, longest], measured, strict=True):
                seconds.append(await client.say(sender, text))
    lengths = [*growth.lengths[:-1], reached]
    windows = [growth.window] * len(lengths[:-1]) + [growth.window * growth.repeats]
    return [
        Grown(length + window // 2, statistics.median(seconds))
        for length, window, seconds in zip(lengths, windows, measured, strict=True)
    ]


async def _grow(client: Client, sender: str, texts: Sequence[str], length: int, most: float) -> int:
    end = time.perf_counter() + most
    for said, text in enumerate(_some(texts, length)):
        if time.perf_counter() >= end:
            return said
        await client.say(sender, text)
    return length


def _some(texts: Sequence[str], count: int) -> Iterator[str]:
    return islice(cycle(texts), count)


async def _main() -> None:
    plan = json.load(sys.stdin)
    limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=limit) as session:
        client = Client(plan["url"], session)
        found: dict[str, object]
        if "load" in plan:
            found = asdict(await apply_load(client, plan["texts"], Load(**plan["load"])))
        else:
            grown = await apply_growth(client, plan["texts"], Growth(**plan["growth"]))
            found = {"grown": [asdict(one) for one in grown]}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    asyncio.run(_main())
