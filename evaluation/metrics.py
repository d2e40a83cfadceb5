"""The figures the guide is judged by. Pure: takes what was expected and found, gives rates."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

NOT_OURS = frozenset({"out_of_scope", "nlu_fallback"})
SAFETY_INTENTS = (
    "report_urgent",
    "report_distress",
    "report_skin_infection",
    "report_gut_symptoms",
    "ask_medication",
    "ask_diagnosis",
)
LEVELS = ("E", "C", "S", "G")
URGENCY = {"E": 3, "C": 3, "S": 2, "G": 1, None: 0}
OFFERED = 2  # how many of the choices of "Did you mean" count as offered
Z = 1.96  # for a 95 % interval


@dataclass(frozen=True)
class Question:
    """A held-out question; the intents of `alt` are right too."""

    text: str
    intent: str
    alt: tuple[str, ...] = ()

    @property
    def is_ours(self) -> bool:
        return self.intent not in NOT_OURS


@dataclass(frozen=True)
class SafetyCase:
    """A held-out message with the level the safety gate must find; None for an ordinary one."""

    text: str
    level: str | None
    flag: str | None = None
    kind: str = ""
    alt_level: tuple[str | None, ...] = ()

    @property
    def accepted(self) -> frozenset[str | None]:
        return frozenset({self.level, *self.alt_level})


@dataclass(frozen=True)
class Finding:
    """What the model made of a message."""

    intent: str
    confidence: float = 1.0
    level: str | None = None
    flag: str | None = None
    unsure: bool = False
    candidates: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)  # what thresholds are held against


@dataclass(frozen=True)
class Rate:
    """So many of so many."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        return self.hits / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        if not self.total:
            return math.nan, math.nan
        p, n = self.share, self.total
        centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, centre - half), min(1.0, centre + half)


class Answered(NamedTuple):
    """A question and what the model made of it."""

    question: Question
    finding: Finding

    @property
    def is_right(self) -> bool:
        return self._accepts(self.finding.intent)

    @property
    def is_rejected(self) -> bool:
        return self.finding.intent in NOT_OURS

    @property
    def is_right_or_offered(self) -> bool:
        """Right, or asked back with the right one among the first choices."""
        if not self.finding.unsure:
            return self.is_right
        return any(map(self._accepts, self.finding.candidates[:OFFERED]))

    @property
    def is_wrong_with_confidence(self) -> bool:
        """Answered with something else, and not asked back or turned away."""
        return not (self.is_right or self.is_rejected or self.finding.unsure)

    def _accepts(self, intent: str) -> bool:
        right = {self.question.intent, *self.question.alt}
        return intent in right or (intent in NOT_OURS and not right.isdisjoint(NOT_OURS))


class Judged(NamedTuple):
    """A safety case and what the model made of it."""

    case: SafetyCase
    finding: Finding

    @property
    def is_right(self) -> bool:
        return self.finding.level in self.case.accepted

    @property
    def is_caught(self) -> bool:
        """Found at the right level or a more urgent one."""
        return self.is_right or _urgency(self.finding.level) >= _urgency(self.case.level)

    @property
    def is_false_alarm(self) -> bool:
        """Called an emergency or a crisis though it is neither."""
        return self.finding.level in ("E", "C") and not self.is_right


def rate[T](rows: Iterable[T], is_hit: Callable[[T], bool]) -> Rate:
    """How many of the rows are hits."""
    hits = [is_hit(row) for row in rows]
    return Rate(sum(hits), len(hits))


def ours(rows: Iterable[Answered]) -> list[Answered]:
    """The questions the guide should answer."""
    return [row for row in rows if row.question.is_ours]


def foreign(rows: Iterable[Answered]) -> list[Answered]:
    """The questions it should turn away."""
    return [row for row in rows if not row.question.is_ours]


def in_scope_accuracy(rows: Iterable[Answered]) -> Rate:
    return rate(ours(rows), lambda row: row.is_right)


def right_or_offered(rows: Iterable[Answered]) -> Rate:
    return rate(ours(rows), lambda row: row.is_right_or_offered)


def asked_back(rows: Iterable[Answered]) -> Rate:
    """How often the guide asks "Did you mean", of the questions it should answer."""
    return rate(ours(rows), lambda row: row.finding.unsure)


def wrong_with_confidence(rows: Iterable[Answered]) -> Rate:
    """Of all questions, the ones that are not ours among them."""
    return rate(rows, lambda row: row.is_wrong_with_confidence)


def out_of_scope_recall(rows: Iterable[Answered]) -> Rate:
    return rate(foreign(rows), lambda row: row.is_rejected)


def false_rejection(rows: Iterable[Answered]) -> Rate:
    return rate(ours(rows), lambda row: row.is_rejected and not row.is_right)


def intent_recall(rows: Iterable[Answered], intent: str) -> Rate:
    mine = [row for row in rows if row.question.intent == intent]
    return rate(mine, lambda row: row.is_right)


def mean_recall(rows: Sequence[Answered]) -> float:
    """Recall averaged over the intents that are ours, each counting the same."""
    intents = {row.question.intent for row in ours(rows)}
    if not intents:
        return math.nan
    return sum(intent_recall(rows, intent).share for intent in intents) / len(intents)


def urgent_false_alarms(rows: Iterable[Answered]) -> Rate:
    """`report_urgent` on questions that are neither that nor distress."""
    calm = [
        row
        for row in rows
        if {row.question.intent, *row.question.alt}.isdisjoint({"report_urgent", "report_distress"})
    ]
    return rate(calm, lambda row: row.finding.intent == "report_urgent")


def at_level(rows: Iterable[Judged], *levels: str | None) -> list[Judged]:
    """The cases whose level is one of these."""
    return [row for row in rows if row.case.level in levels]


def right_level(rows: Iterable[Judged]) -> Rate:
    return rate(rows, lambda row: row.is_right)


def caught(rows: Iterable[Judged]) -> Rate:
    return rate(rows, lambda row: row.is_caught)


def false_alarms(rows: Iterable[Judged]) -> Rate:
    """Of the cases at S, G or no level, those called an emergency or a crisis."""
    return rate(at_level(rows, "S", "G", None), lambda row: row.is_false_alarm)


def needless_warnings(rows: Iterable[Judged]) -> Rate:
    """Of the ordinary messages, those that get any level they should not."""
    return rate(at_level(rows, None), lambda row: not row.is_right)


def by_kind(rows: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The cases sorted by the way they are worded, in alphabetical order."""
    kinds: defaultdict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        kinds[row.case.kind].append(row)
    return dict(sorted(kinds.items()))


def _urgency(level: str | None) -> int:
    return URGENCY[level]
