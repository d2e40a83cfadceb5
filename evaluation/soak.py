"""`make soak`: does the guide stay small, fast and talkative when it is used for a long time?

Drives the running guide for SOAK_MINUTES (60) at a steady rate with what people send: questions,
taps on what it offers, red flags, rubbish, in conversations short and endless. The limits on
messages stay on, so people write from many addresses. Writes results/soak.md; ends with 1 when
memory grows or a message is not answered.
"""

import asyncio
import math
import os
import random
import statistics
import sys
import time
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from evaluation.bench.figures import percentile
from evaluation.cases import OWN_FILES, PROJECT, UnreadableCase, read
from evaluation.model import NoModel, newest_model
from evaluation.report import Table
from evaluation.server import Server, ServerProblem, guide

MINUTES_VARIABLE = "SOAK_MINUTES"
DEFAULT_MINUTES = 60.0
REPORT = PROJECT / "results" / "soak.md"

MESSAGES_A_SECOND = 5.0
PEOPLE = 60  # at 5 messages a second, each writes every 12 s, as a quick writer does
ENDLESS = 5  # of them never begin anew
SHORTEST, LONGEST = 1, 15  # messages of the others' conversations
ADDRESSES = 100  # 127.0.0.2 and on; few enough that a leak for each address would show
SAMPLE_SECONDS = 10.0
WARM_UP = 0.25  # share of the run in which memory may still grow
MOST_GROWTH = 10.0  # MB in 10,000 messages
QUARTERS = 4
# What people send, in parts of a hundred; the rest are questions.
TAPS, RED_FLAGS, RUBBISH = 25, 8, 7

NONSENSE = (
    "",
    " \n\t ",
    "🤷‍♀️🤷‍♀️",
    "asdf qwer zxcv",
    "<b>hello</b><script>alert(1)</script>",
    '/ask_leaky_gut{"topic": 1}',
    "/no_such_intent",
    "湿疹和肠道有什么关系？",
    "'; DROP TABLE events; --",
    "does it help " * 700,
    "I am not sure about that. Does it help, and is it safe? " * 150,
    "\x00\x07\x1b[31m",
)


@dataclass
class Person:
    """Somebody who writes; `offered` are the payloads of the buttons under the last answer."""

    address: int
    left: int
    sender: str = field(default_factory=lambda: str(uuid.uuid4()))
    offered: list[str] = field(default_factory=list)

    def begin_anew(self, messages: int, address: int) -> None:
        """Become somebody else."""
        self.sender, self.offered = str(uuid.uuid4()), []
        self.left, self.address = messages, address


@dataclass(frozen=True)
class Sample:
    """Resident megabytes after so many messages."""

    messages: int
    megabytes: float


@dataclass
class Soaked:
    """What came of it; `answered` are (seconds since the start, seconds of the answer)."""

    answered: list[tuple[float, float]] = field(default_factory=list)
    errors: int = 0
    speechless: int = 0
    samples: list[Sample] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return len(self.answered) + self.errors + self.speechless

    @property
    def growth(self) -> float:
        """MB in 10,000 messages, by least squares over the samples after the warm-up."""
        settled = self.samples[math.ceil(WARM_UP * len(self.samples)) :]
        if len({sample.messages for sample in settled}) < 2:
            return math.nan
        line = statistics.linear_regression(
            [sample.messages for sample in settled], [sample.megabytes for sample in settled]
        )
        return 10_000 * line.slope

    @property
    def is_good(self) -> bool:
        """True when all was answered and memory does not grow; false where that is unknown."""
        return not self.errors and not self.speechless and self.growth <= MOST_GROWTH


class Crowd:
    """Chooses who writes next, and what."""

    def __init__(self, questions: Sequence[str], red_flags: Sequence[str], seed: int = 0) -> None:
        self._questions, self._red_flags = questions, red_flags
        self._chance = random.Random(seed)
        self._waiting = deque(self._person(index) for index in range(PEOPLE))

    def next(self) -> Person | None:
        """The one who has waited longest; None while all wait for an answer."""
        return self._waiting.popleft() if self._waiting else None

    def back(self, person: Person) -> None:
        """The person has got an answer; after the last one somebody else comes."""
        person.left -= 1
        if person.left == 0:
            person.begin_anew(*self._someone())
        self._waiting.append(person)

    def words(self, person: Person) -> str:
        """What the person sends next."""
        draw = self._chance.randrange(100)
        if draw < TAPS and person.offered:
            return self._chance.choice(person.offered)
        if TAPS <= draw < TAPS + RED_FLAGS:
            return self._chance.choice(self._red_flags)
        if TAPS + RED_FLAGS <= draw < TAPS + RED_FLAGS + RUBBISH:
            return self._chance.choice(NONSENSE)
        return self._chance.choice(["/start_tour", *self._chance.choices(self._questions, k=12)])

    def _person(self, index: int) -> Person:
        left, address = self._someone()
        return Person(address, -1 if index < ENDLESS else left)

    def _someone(self) -> tuple[int, int]:
        chance = self._chance
        return chance.randint(SHORTEST, LONGEST), chance.randrange(ADDRESSES)


class Soak:
    """Messages at a steady rate to one server, and its memory every few seconds."""

    def __init__(self, server: Server, crowd: Crowd, seconds: float) -> None:
        self._server, self._crowd, self._seconds = server, crowd, seconds
        self._sessions: list[aiohttp.ClientSession] = []
        self.found = Soaked()

    async def run(self) -> Soaked:
        """All of it, from the first message to the last answer."""
        async with AsyncExitStack() as open_sessions:
            for number in range(ADDRESSES):
                session = _session(f"127.0.0.{2 + number}")
                self._sessions.append(await open_sessions.enter_async_context(session))
            self._start = time.perf_counter()
            sampling = asyncio.create_task(self._sample())
            async with asyncio.TaskGroup() as writing:
                for number in range(round(self._seconds * MESSAGES_A_SECOND)):
                    await self._until(number / MESSAGES_A_SECOND)
                    if person := self._crowd.next():
                        writing.create_task(self._say(person))
            sampling.cancel()
        return self.found

    async def _say(self, person: Person) -> None:
        begun = self._now()
        try:
            items = await self._post(person, self._crowd.words(person))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            self.found.errors += 1
        else:
            if any(str(item.get("text", "")).strip() for item in items):
                self.found.answered.append((begun, self._now() - begun))
            else:
                self.found.speechless += 1
            buttons = [button for item in items for button in item.get("buttons", [])]
            person.offered = [button["payload"] for button in buttons]
        self._crowd.back(person)

    async def _post(self, person: Person, message: str) -> list[dict[str, Any]]:
        url = f"{self._server.url}/webhooks/rest/webhook"
        body = {"sender": person.sender, "message": message}
        async with self._sessions[person.address].post(url, json=body) as response:
            response.raise_for_status()
            return list(await response.json())

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            megabytes = await asyncio.to_thread(self._server.resident_megabytes)
            self.found.samples.append(Sample(self.found.messages, megabytes))
            if len(self.found.samples) % 6 == 0:
                print(
                    f"{self._now() / 60:.0f} min: {self.found.messages:,} messages, "
                    f"{megabytes:.0f} MB",
                    file=sys.stderr,
                    flush=True,
                )

    async def _until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - self._now()))

    def _now(self) -> float:
        return time.perf_counter() - self._start


def main() -> int:
    """Soak the guide, write the report; 1 when it grows, when it is silent, or cannot run."""
    try:
        minutes = wanted_minutes(os.environ.get(MINUTES_VARIABLE, ""))
        crowd = Crowd([q.text for q in read(OWN_FILES[0]).questions], red_flags())
        with guide(newest_model(PROJECT / "models"), limited=True) as server:
            print(f"Soaking the guide for {minutes:g} min …", file=sys.stderr, flush=True)
            found = asyncio.run(Soak(server, crowd, 60 * minutes).run())
    except (NoModel, ServerProblem, UnreadableCase, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    table = table_of(found, minutes)
    print(f"\n{table.as_text()}")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(f"# Soak\n\n{table.as_markdown()}\n", "utf-8")
    return 0 if found.is_good else 1


def wanted_minutes(text: str) -> float:
    """The minutes named by SOAK_MINUTES, 60 where it is empty; ValueError for what is no time."""
    try:
        minutes = float(text or DEFAULT_MINUTES)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        raise ValueError(f"{MINUTES_VARIABLE}={text} is no number of minutes; 60 is usual")
    return minutes


def red_flags() -> list[str]:
    """Messages of emergencies and crises."""
    return [case.text for case in read(OWN_FILES[1]).safety if case.level in ("E", "C")]


def table_of(found: Soaked, minutes: float) -> Table:
    """The figures of a run."""
    return Table(f"{minutes:g} minutes", ("measure", "value"), list(_rows(found, minutes)))


def _rows(found: Soaked, minutes: float) -> Iterator[tuple[str, str]]:
    yield "messages", f"{found.messages:,}"
    yield "errors", f"{found.errors:,}"
    yield "answers without text", f"{found.speechless:,}"
    if found.samples:
        first, last = found.samples[0].megabytes, found.samples[-1].megabytes
        yield "resident memory, first and last", f"{first:.0f} and {last:.0f} MB"
    yield (
        f"growth in 10,000 messages, after {100 * WARM_UP:.0f} % of the run",
        f"{found.growth:.1f} MB (at most {MOST_GROWTH:g})",
    )
    quarter = 60 * minutes / QUARTERS
    for number in range(QUARTERS):
        seconds = sorted(s for begun, s in found.answered if begun // quarter == number)
        middle, high = (1000 * percentile(seconds, percent) for percent in (50, 95))
        yield f"quarter {number + 1}, p50 and p95", f"{middle:.1f} and {high:.1f} ms"


def _session(address: str) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30))


if __name__ == "__main__":
    sys.exit(main())
