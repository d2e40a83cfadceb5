"""Decides how urgent a message is, before any classifier sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from components.safety.patterns import ORDER, Level, Sign, load
from components.safety.reading import Mention, Reader, Reading

PATTERNS = Path(__file__).with_name("patterns.yml")
BABY = "baby"
ALARMS = ("E", "C")
EXCUSE_REACH = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """The most urgent sign in a message; all three are None when there is none."""

    level: Level | None = None
    flag: str | None = None
    sign: str | None = None
    excused: bool = False  # an E or C sign is there, but denied, past, asked about or a figure
    # Every flag found at that level, the finding's own first; True: beside a clear topic, too.
    flags: tuple[tuple[str, bool], ...] = ()


class SafetyGate:
    """Looks for the signs of `patterns.yml`: highest level first, then the flag's number."""

    def __init__(self, reader: Reader, signs: Iterable[Sign]) -> None:
        self.reader = reader
        self.signs = tuple(sorted(signs, key=lambda sign: sign.rank))

    @classmethod
    def from_file(cls, path: str | Path) -> SafetyGate:
        patterns = load(path)
        return cls(Reader(patterns), patterns.signs)

    def check(self, text: str) -> Finding:
        reading = self.reader.read(text)
        finding = self.judge(reading)
        if finding.level in ALARMS or not reading.has_excuses:
            return finding
        return replace(finding, excused=self.judge(reading.without_excuses()).level in ALARMS)

    def judge(self, reading: Reading) -> Finding:
        """Apart from `check` so that tests can take signs or concepts away cheaply."""
        names = set(reading.mentions)
        there = [sign for sign in self.signs if names.issuperset(sign.all)]
        found = [(level, sign) for sign in there if (level := _level(sign, reading))]
        if not found:
            return Finding()
        level, sign = min(found, key=lambda pair: (ORDER.index(pair[0]), pair[1].rank[1]))
        return Finding(level, sign.flag, sign.id, flags=_flags(level, found))


@lru_cache(maxsize=1)
def own_gate() -> SafetyGate:
    """The gate over the guide's own patterns; the pipeline and the channels share one."""
    return SafetyGate.from_file(PATTERNS)


def _flags(level: Level, found: Iterable[tuple[Level, Sign]]) -> tuple[tuple[str, bool], ...]:
    firm: dict[str, bool] = {}
    for _, sign in sorted(
        (pair for pair in found if pair[0] == level), key=lambda pair: pair[1].rank[1]
    ):
        firm[sign.flag] = firm.get(sign.flag, False) or sign.topic == "yields"
    return tuple(firm.items())


def _level(sign: Sign, reading: Reading) -> Level | None:
    past = False
    for mentions in _matches(sign, reading):
        if not any(mention.past for mention in mentions) or sign.past == "counts":
            return _raised(sign, reading)
        past = True
    return "G" if past and sign.past == "softens" else None


def _raised(sign: Sign, reading: Reading) -> Level:
    if sign.level == "C":
        return "C"
    if any(all(_is_live(name, reading) for name in names) for names in sign.raise_if):
        return "E"
    if sign.baby == "raises" and _is_live(BABY, reading):
        return "S" if sign.level == "G" else "E"
    return sign.level


def _matches(sign: Sign, reading: Reading) -> Iterator[list[Mention]]:
    """Each way the sign's concepts stand together without being denied."""
    found = reading.mentions
    if sign.any and not any(name in found for name in sign.any):
        return
    anchors = found[sign.all[0]]
    for anchor in anchors if sign.scope == "sentence" else [min(anchors, key=_doubt)]:
        mentions = _gather(sign, reading, anchor)
        if not mentions or _denied(mentions, reading) or _excluded(sign, reading, mentions):
            continue
        if sign.asked == "counts" or not any(mention.asked for mention in mentions):
            yield mentions


def _gather(sign: Sign, reading: Reading, anchor: Mention) -> list[Mention] | None:
    mentions = [anchor]
    choices: list[tuple[tuple[str, ...], bool]] = [((n,), sign.order) for n in sign.all[1:]]
    if sign.any:
        choices.append((sign.any, False))
    for names, ordered in choices:
        options = [m for name in names for m in _options(sign, reading, name, anchor)]
        if ordered:
            options = [m for m in options if m.start >= mentions[-1].end]
        if not options:
            return None
        mentions.append(min(options, key=lambda m: (*_doubt(m), _gap(anchor, m))))
    return mentions


def _options(sign: Sign, reading: Reading, name: str, anchor: Mention) -> list[Mention]:
    mentions = reading.mentions.get(name, [])
    if sign.scope == "message":
        return [m for m in mentions if _apart(m, anchor)]
    near = reading.between(name, anchor.start - sign.within, anchor.end + sign.within)
    return [m for m in near if _apart(m, anchor) and m.sentence == anchor.sentence]


def _apart(one: Mention, other: Mention) -> bool:
    """The "sore" of "cold sore" is no second sign."""
    return one.end <= other.start or other.end <= one.start


def _doubt(mention: Mention) -> tuple[int, bool, bool]:
    return len(mention.negators), mention.asked, mention.past


def _gap(one: Mention, other: Mention) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _denied(mentions: list[Mention], reading: Reading) -> bool:
    """Denied by a "no" that is not itself part of the sign ("no" of "no wet nappies")."""
    own = {reading.places[i] for m in mentions for i in range(m.start, m.end)}
    return any(mention.negators - own for mention in mentions)


def _excluded(sign: Sign, reading: Reading, mentions: list[Mention]) -> bool:
    if sign.scope == "message":
        return any(name in reading.mentions for name in sign.none)
    return any(_stands_beside(name, mentions, reading) for name in sign.none)


def _stands_beside(name: str, mentions: list[Mention], reading: Reading) -> bool:
    """Far words do not excuse a sign: "lips are blue and her hair is wet" is still blue lips."""
    return any(
        near.sentence == mention.sentence
        for mention in mentions
        for near in reading.between(name, mention.start - EXCUSE_REACH, mention.end + EXCUSE_REACH)
    )


def _is_live(name: str, reading: Reading) -> bool:
    return any(not (m.past or m.asked or m.negators) for m in reading.mentions.get(name, ()))
