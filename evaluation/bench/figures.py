"""What was measured of one server, the targets, and the table that holds one against the other."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from evaluation.bench.client import Answers, Grown
from evaluation.report import Table
from evaluation.stock_project import Training

USERS = (1, 8, 32)
MEMORY_AFTER = 1000  # messages
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Measured:
    """What one server was found to be and do; seconds and megabytes."""

    name: str
    installed: float
    training: Training
    start: float
    loads: Mapping[int, Answers]  # by how many people wrote at once
    grown: Sequence[Grown]  # the same conversation at several lengths
    resident: float
    cpu_per_thousand: float

    def latency(self, users: int, percent: int) -> float:
        """Seconds that `percent` per cent of the answers did not exceed."""
        return percentile(sorted(self.loads[users].seconds), percent)

    @property
    def growth(self) -> float:
        """What a message late in a conversation costs against an early one."""
        return self.grown[-1].seconds / self.grown[0].seconds

    @property
    def failed(self) -> int:
        """Messages that got no answer, an error, or an answer without text."""
        return sum(load.failed for load in self.loads.values())


@dataclass(frozen=True)
class Figure:
    """One row: how to read it off, how to write it, and what it should be.

    A `limit` is for the guide's own value, a `ratio` for its value against stock Rasa's; both are
    at most, or at least where `more` is better.
    """

    name: str
    value: Callable[[Measured], float]
    unit: str
    digits: int = 0
    limit: float | None = None
    ratio: float | None = None
    more: bool = False

    def written(self, measured: Measured) -> str:
        return f"{self.value(measured):,.{self.digits}f} {self.unit}"

    def target(self) -> str:
        sign = "≥" if self.more else "≤"
        if self.limit is not None:
            return f"{sign} {self.limit:g} {self.unit}"
        return f"{sign} {self.ratio:.2g} × stock" if self.ratio is not None else ""

    def verdict(self, ours: Measured, theirs: Measured | None) -> str:
        """Whether the target is met; empty where there is none, or nothing to hold it against."""
        if self.limit is not None:
            return self._met(self.value(ours), self.limit)
        if self.ratio is None or theirs is None:
            return ""
        return self._met(self.value(ours) / self.value(theirs), self.ratio)

    def _met(self, value: float, wanted: float) -> str:
        return "met" if (value >= wanted if self.more else value <= wanted) else "**not met**"


def all_figures(ours: Measured) -> Iterator[Figure]:
    """The rows of the table, with the targets of the design."""
    yield Figure("installed", lambda m: m.installed, "MB", limit=1000)
    yield Figure("training, wall clock", lambda m: m.training.seconds, "s", limit=30)
    yield Figure("training, processor", lambda m: m.training.cpu_seconds, "s")
    yield Figure("start to first answer", lambda m: m.start, "s", 1, ratio=1 / 6)
    for users in USERS:
        for percent in PERCENTILES:
            yield Figure(
                f"message, {_people(users)}, p{percent}",
                partial(_milliseconds, users=users, percent=percent),
                "ms",
                1,
                ratio=1 / 2 if (users, percent) == (1, 50) else None,
            )
    for users in USERS:
        yield Figure(
            f"throughput, {_people(users)}",
            partial(_throughput, users=users),
            "messages/s",
            1,
            ratio=5 if users == 8 else None,
            more=True,
        )
    for place, grown in enumerate(ours.grown):
        yield Figure(
            f"message about no. {grown.length} of a conversation",
            partial(_milliseconds_at, place=place),
            "ms",
            1,
        )
    yield Figure("last against first of these", lambda m: m.growth, "×", 2, limit=1.2)
    yield Figure(
        f"resident memory after {MEMORY_AFTER:,} messages", lambda m: m.resident, "MB", limit=400
    )
    yield Figure("processor for 1,000 messages", lambda m: m.cpu_per_thousand, "s", 1)


def table_of(ours: Measured, theirs: Measured | None) -> Table:
    """One row a figure; with stock Rasa also its value and the ratio of ours to it."""
    rows = list(all_figures(ours))
    if theirs is None:
        cells = [(f.name, f.written(ours), f.target(), f.verdict(ours, None)) for f in rows]
        return Table("The running guide", ("measure", ours.name, "target", ""), cells)
    beside = [
        (
            figure.name,
            figure.written(ours),
            figure.written(theirs),
            f"{figure.value(ours) / figure.value(theirs):.2f}",
            figure.target(),
            figure.verdict(ours, theirs),
        )
        for figure in rows
    ]
    columns = ("measure", ours.name, theirs.name, "ratio", "target", "")
    return Table("The running guide beside stock Rasa", columns, beside)


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The value that `percent` per cent of the ordered values do not exceed."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def _milliseconds(measured: Measured, users: int, percent: int) -> float:
    return 1000 * measured.latency(users, percent)


def _throughput(measured: Measured, users: int) -> float:
    return measured.loads[users].throughput


def _milliseconds_at(measured: Measured, place: int) -> float:
    return 1000 * measured.grown[place].seconds


def _people(users: int) -> str:
    return "1 user" if users == 1 else f"{users} users"
