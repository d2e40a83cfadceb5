"""`make bench`: speed, memory and size of the running guide.

Starts the real server on a free port with a database of its own, prints a table and writes
results/bench.md. With STOCK_RASA naming the Python of an environment that holds stock Rasa
(as `<project>/.venv/bin/python`, a trained model in `<project>/models`), that is measured
in the same run, and the table has the ratios.
"""

import importlib.metadata
import importlib.util
import math
import os
import platform
import re
import statistics
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from evaluation.cases import OWN_FILES, PROJECT, UnreadableCase, read
from evaluation.model import NoModel, newest_model
from evaluation.report import Table
from evaluation.server import Server, ServerProblem, guide, stock_rasa
from evaluation.stock import STOCK_VARIABLE

REPORT = PROJECT / "results" / "bench.md"

WARM_UP = 20
NEW_CONVERSATIONS = 200
USERS = 8
THROUGHPUT_SECONDS = 12.0
MESSAGES_A_CONVERSATION = 10
LONG_CONVERSATION = 500
WINDOW = 20  # messages around the 5th and the 500th, so that one slow one does not decide
LONG_SECONDS = 40.0
MEMORY_AFTER = 1000
MEMORY_SECONDS = 40.0
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Measured:
    """What one server was found to do; seconds and megabytes."""

    name: str
    start: float
    p50: float
    p95: float
    throughput: float
    early: float
    late: float
    length: int
    resident: float
    messages: int

    @property
    def growth(self) -> float:
        return self.late / self.early


def main() -> int:
    """Measure, print, write the report; gives the exit code."""
    stock = os.environ.get(STOCK_VARIABLE)
    busy = os.getloadavg()[0]
    try:
        texts = [question.text for question in read(OWN_FILES[0]).questions]
        ours = measure(guide(newest_model(PROJECT / "models")), texts)
        theirs = measure(stock_rasa(Path(stock)), texts) if stock else None
    except (NoModel, ServerProblem, UnreadableCase) as problem:
        print(problem, file=sys.stderr)
        return 1
    table = speed_table(ours, theirs)
    notes = "\n".join(notes_on(ours, theirs, busy))
    print(f"\n{table.as_text()}\n\n{notes}")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(f"# Speed and memory\n\n{table.as_markdown()}\n\n{notes}\n", "utf-8")
    print(f"The report is in {REPORT.relative_to(PROJECT)}")
    return 0


def measure(starting: AbstractContextManager[Server], texts: Sequence[str]) -> Measured:
    """All measurements of one server, from its start to its end."""
    with starting as server:
        _say(f"{server.name} answered after {server.seconds_to_first_answer:.1f} s; measuring …")
        for text in islice(texts, WARM_UP):
            server.say(text)
        alone = sorted(server.say(text) for text in _some(texts, NEW_CONVERSATIONS))
        throughput = messages_a_second(server, texts)
        long = long_conversation(server, texts)
        fill_up(server, texts)
        return Measured(
            name=server.name,
            start=server.seconds_to_first_answer,
            p50=percentile(alone, 50),
            p95=percentile(alone, 95),
            throughput=throughput,
            early=statistics.median(early_part(long)),
            late=statistics.median(long[-WINDOW:]),
            length=len(long),
            resident=server.resident_megabytes(),
            messages=server.answered,
        )


def messages_a_second(server: Server, texts: Sequence[str]) -> float:
    """Messages answered in a second to several people who write without a pause."""
    end = time.perf_counter() + THROUGHPUT_SECONDS

    def chat(user: int) -> int:
        sent = 0
        sender = ""
        for text in islice(cycle(texts), user * 7, None):  # not all the same at the same time
            if sent % MESSAGES_A_CONVERSATION == 0:
                sender = str(uuid.uuid4())
            if time.perf_counter() >= end:
                break
            server.say(text, sender)
            sent += 1
        return sent

    start = time.perf_counter()
    with ThreadPoolExecutor(USERS) as users:
        sent = sum(users.map(chat, range(USERS)))
    return sent / (time.perf_counter() - start)


def long_conversation(server: Server, texts: Sequence[str]) -> list[float]:
    """Seconds for each message of one long conversation, cut short where it takes too long."""
    sender, end = str(uuid.uuid4()), time.perf_counter() + LONG_SECONDS
    seconds: list[float] = []
    # The same few questions again and again: early and late messages must ask the same.
    for text in _some(texts[:WINDOW], LONG_CONVERSATION + WINDOW // 2):
        seconds.append(server.say(text, sender))
        if time.perf_counter() >= end:
            break
    return seconds


def early_part(seconds: Sequence[float]) -> Sequence[float]:
    """The messages from the fifth on, as many as are looked at at the end."""
    return seconds[4 : 4 + WINDOW]


def fill_up(server: Server, texts: Sequence[str]) -> None:
    """New conversations until the server has answered enough for its memory to be read."""
    end = time.perf_counter() + MEMORY_SECONDS
    for text in _some(texts, max(0, MEMORY_AFTER - server.answered)):
        server.say(text)
        if time.perf_counter() >= end:
            break


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The value that `percent` per cent of the ordered values do not exceed."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def speed_table(ours: Measured, theirs: Measured | None) -> Table:
    """One row a measure; beside stock Rasa also its figure and the ratio."""
    rows = list(figures(ours))
    if theirs is None:
        return Table("The running guide", ("measure", ours.name), rows)
    pairs = zip(rows, figures(theirs), ratios(ours, theirs), strict=True)
    beside = [(name, mine, other, ratio) for (name, mine), (_, other), ratio in pairs]
    columns = ("measure", ours.name, theirs.name, "ratio")
    return Table("The running guide beside stock Rasa", columns, beside)


def figures(found: Measured) -> Iterator[tuple[str, str]]:
    """Name and value of each measure."""
    yield "start to first answer", f"{found.start:.1f} s"
    yield "message in a new conversation, p50", _milliseconds(found.p50)
    yield "message in a new conversation, p95", _milliseconds(found.p95)
    yield f"{USERS} users at once", f"{found.throughput:.1f} messages/s"
    yield "message 5 of one conversation", _milliseconds(found.early)
    yield "last message of one conversation", f"{_milliseconds(found.late)} (no. {found.length})"
    yield "last against message 5", f"{found.growth:.2f} ×"
    yield "resident memory", f"{found.resident:.0f} MB (after {found.messages:,})"


def ratios(ours: Measured, theirs: Measured) -> list[str]:
    """Ours to theirs, in the order of `figures`."""
    pairs = [
        (ours.start, theirs.start),
        (ours.p50, theirs.p50),
        (ours.p95, theirs.p95),
        (ours.throughput, theirs.throughput),
        (ours.early, theirs.early),
        (ours.late, theirs.late),
        (ours.growth, theirs.growth),
        (ours.resident, theirs.resident),
    ]
    return [f"{mine / other:.2f}" for mine, other in pairs]


def notes_on(ours: Measured, theirs: Measured | None, busy: float) -> Iterator[str]:
    """What one needs to know to read the table."""
    needed = locked_names((PROJECT / "requirements.lock").read_text("utf-8"))
    yield f"- Packages the guide needs to run: {installed_bytes(needed) / MEGABYTE:.0f} MB."
    yield f"- .venv as it is, tools for tests included: {folder_bytes(Path(sys.prefix)):.0f} MB."
    yield (
        f"- {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"load before the start: {busy:.2f}" + (" (the machine was busy)." if busy > 0.5 else ".")
    )
    yield f"- The client runs on the same machine; figures with {USERS} users hold its share."
    if theirs is None:
        yield f"- Not measured beside stock Rasa; {STOCK_VARIABLE} would name its Python."


def locked_names(lock: str) -> set[str]:
    """The packages of a requirements file, named as the index names them."""
    return {_canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}


def installed_bytes(names: set[str]) -> int:
    """What the packages take on disk, compiled files included."""
    return sum(
        _disk_bytes(path)
        for distribution in importlib.metadata.distributions()
        if _canonical(distribution.metadata["Name"]) in names
        for file in distribution.files or []
        for path in _with_compiled(Path(str(distribution.locate_file(file))))
    )


def folder_bytes(folder: Path) -> float:
    """Megabytes of everything in a folder."""
    return sum(map(_disk_bytes, folder.rglob("*"))) / MEGABYTE


def _with_compiled(path: Path) -> Iterator[Path]:
    yield path
    if path.suffix == ".py":
        yield Path(importlib.util.cache_from_source(str(path)))


def _disk_bytes(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:
        return 0


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _some(texts: Sequence[str], count: int) -> Iterator[str]:
    return islice(cycle(texts), count)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
