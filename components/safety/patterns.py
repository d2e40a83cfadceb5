"""Loads `patterns.yml` into typed objects and says plainly what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import yaml

Level = Literal["E", "C", "S", "G"]
ORDER: tuple[Level, ...] = ("E", "C", "S", "G")

# Read from the wording around a mention, not part of any sign.
CUES = {
    "history",
    "current",
    "happening",
    "information",
    "hypothetical",
    "idiom",
    "negation",
    "not_negation",
    "person",
    "other_subject",
    "new_clause",
}


class PatternError(ValueError):
    """The pattern file says something the gate cannot act on."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A combination of concepts that means danger, with lines that prove it."""

    id: str
    flag: str
    level: Level
    all: tuple[str, ...]
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    within: int = 8
    order: bool = False
    scope: Literal["sentence", "message"] = "sentence"
    baby: Literal["raises", "counted"] = "raises"
    past: Literal["ignored", "counts", "softens"] = "ignored"
    asked: Literal["ignored", "counts"] = "ignored"
    topic: Literal["yields", "stands"] = "stands"
    raise_if: tuple[tuple[str, ...], ...] = ()
    examples: tuple[str, ...] = ()
    counter: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        return ORDER.index(self.level), int(self.flag.removeprefix("RF"))

    def concepts(self) -> set[str]:
        raising = (name for names in self.raise_if for name in names)
        return {*self.all, *self.any, *self.none, *raising}


@dataclass(frozen=True, slots=True)
class Patterns:
    """Everything in the pattern file."""

    spellings: Mapping[str, str]
    ordinary: frozenset[str]
    fillers: frozenset[str]
    small_words: frozenset[str]
    people: frozenset[str]
    lasting: frozenset[str]
    concepts: Mapping[str, tuple[str, ...]]
    cues: Mapping[str, tuple[str, ...]]
    signs: tuple[Sign, ...]


def load(path: str | Path) -> Patterns:
    """Read the file; raise PatternError naming the first line that makes no sense."""
    raw = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_loader())
    groups: dict[str, list[str]] = raw["concepts"]
    cues: dict[str, list[str]] = raw["cues"]
    patterns = Patterns(
        spellings=_spellings(raw["words"]),
        ordinary=frozenset(raw["ordinary_words"].split()),
        fillers=frozenset(raw["fillers"].split()),
        small_words=frozenset(raw["small_words"].split()),
        people=frozenset(raw["people"].split()),
        lasting=frozenset(raw["lasting"].split()),
        concepts={name: tuple(_expand_all(groups, members)) for name, members in groups.items()},
        cues={name: tuple(_expand_all(groups, members)) for name, members in cues.items()},
        signs=tuple(_sign(entry) for entry in raw["signs"]),
    )
    _check(patterns)
    return patterns


def _loader() -> Any:
    """Every value stays text ("no" is a word here); the C loader is twice as fast."""
    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _spellings(words: Mapping[str, str]) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for name, variants in words.items():
        for variant in (name, *variants.split()):
            if spellings.setdefault(variant, name) != name:
                raise PatternError(f"words: '{variant}' is under {spellings[variant]} and {name}")
    return spellings


def _sign(entry: Mapping[str, Any]) -> Sign:
    fields: dict[str, Any] = {}
    for key, value in entry.items():
        if key == "within":
            fields[key] = int(value)
        elif key == "order":
            fields[key] = value == "true"
        elif key == "raise":
            fields["raise_if"] = tuple((v,) if isinstance(v, str) else tuple(v) for v in value)
        else:
            fields[key] = tuple(value) if isinstance(value, list) else value
    try:
        return Sign(**fields)
    except TypeError as problem:
        raise PatternError(f"signs: {entry.get('id')}: {problem}") from problem


def _expand_all(groups: Mapping[str, Iterable[str]], members: Iterable[str]) -> Iterator[str]:
    for member in members:
        yield from _expand(groups, member)


def _expand(groups: Mapping[str, Iterable[str]], phrase: str) -> Iterator[str]:
    """`a|b <c>` is each of a, b followed by each member of concept c; `(x)` may be left out."""
    slots: list[list[str]] = []
    for word in phrase.split():
        if word.startswith("<"):
            name = word.strip("<>")
            if name not in groups:
                raise PatternError(f"'{phrase}': there is no concept '{name}'")
            slots.append(list(_expand_all(groups, groups[name])))
        elif word.startswith("("):
            slots.append(["", *word.strip("()").split("|")])
        else:
            slots.append(word.split("|"))
    for words in product(*slots):
        yield " ".join(filter(None, words))


def _check(patterns: Patterns) -> None:
    missing = CUES ^ set(patterns.cues)
    if missing:
        raise PatternError(f"cues: missing or unknown: {sorted(missing)}")
    for key, names in (("people", patterns.people), ("lasting", patterns.lasting)):
        if strangers := names - set(patterns.concepts):
            raise PatternError(f"{key}: no such concept {sorted(strangers)}")
    seen: set[str] = set()
    for sign in patterns.signs:
        unknown = sign.concepts() - set(patterns.concepts)
        if unknown:
            raise PatternError(f"signs: {sign.id}: no such concept {sorted(unknown)}")
        if sign.id in seen:
            raise PatternError(f"signs: {sign.id}: the id is used twice")
        if sign.level not in ORDER:
            raise PatternError(f"signs: {sign.id}: level must be one of {', '.join(ORDER)}")
        seen.add(sign.id)
