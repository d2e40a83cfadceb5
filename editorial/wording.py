"""Find wording that must not reach a reader; the rules are data in wording_rules.yml."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from editorial.yaml_reader import read_yaml

RULES_FILE = Path(__file__).with_name("wording_rules.yml")
EVERYWHERE = "everything"

_NUMBER_KEY = re.compile(r"\{\w+\}")
_SENTENCE_END = re.compile(r"(?<=[.?!])[\"'”’)]*\s+|\n+")
_CURLY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})


@dataclass(frozen=True)
class Rule:
    """Wording to avoid: where a pattern hits and no exception covers the hit."""

    id: str
    pattern: re.Pattern[str]
    places: frozenset[str]
    exceptions: tuple[re.Pattern[str], ...]
    reason: str
    remedy: str

    def applies_to(self, place: str) -> bool:
        """Whether the rule holds in that kind of place."""
        return EVERYWHERE in self.places or place in self.places

    def hits(self, sentence: str) -> Iterator[str]:
        """The words of a sentence that break the rule."""
        for hit in self.pattern.finditer(sentence):
            if not any(_covers(exception, hit, sentence) for exception in self.exceptions):
                yield hit[0]


@dataclass(frozen=True)
class WordingRules:
    """All rules, the spellings to replace, and where spellings are replaced."""

    rules: tuple[Rule, ...]
    spellings: dict[str, str]


@dataclass(frozen=True)
class Finding:
    """Forbidden words in a text, why they are forbidden and what to write instead."""

    words: str
    reason: str
    remedy: str


def sentences(text: str) -> list[str]:
    """The sentences and bullet lines of a text, with straight quotes and {…} for number keys."""
    parts = _SENTENCE_END.split(_NUMBER_KEY.sub("{…}", text.translate(_CURLY)))
    return [" ".join(part.split()) for part in parts if part.strip()]


def find_forbidden(text: str, place: str, rules: WordingRules | None = None) -> Iterator[Finding]:
    """What of a text breaks a wording rule of its place."""
    for sentence in sentences(text):
        for rule in (rules or load_rules()).rules:
            if rule.applies_to(place):
                for hit in rule.hits(sentence):
                    yield Finding(hit, rule.reason, rule.remedy)


def find_foreign_spelling(text: str, rules: WordingRules | None = None) -> Iterator[Finding]:
    """The words of a text that are not spelt as in Australia and New Zealand."""
    spellings = (rules or load_rules()).spellings
    for word in re.findall(r"[A-Za-zÀ-ž]+", text):
        if better := spellings.get(word.lower()):
            yield Finding(word, "is American spelling", f"write '{better}'")


def find_names(text: str, names: list[str]) -> Iterator[str]:
    """Those of the names (of products, say) that stand in a text as words of their own."""
    folded = text.translate(_CURLY).lower()
    for name in names:
        if re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", folded):
            yield name


@cache
def load_rules(path: Path = RULES_FILE) -> WordingRules:
    """The rules of a file; `<group>` in a pattern stands for that group's words."""
    raw = read_yaml(path, f"editorial/{path.name}")
    groups = {name: "|".join(parts) for name, parts in raw["groups"].items()}
    return WordingRules(
        rules=tuple(_rule(entry, groups) for entry in raw["rules"]),
        spellings=raw["spellings"],
    )


def _rule(entry: dict[str, Any], groups: dict[str, str]) -> Rule:
    flags = 0 if entry.get("case_matters") else re.IGNORECASE
    return Rule(
        id=entry["id"],
        pattern=_compile(entry["pattern"], groups, flags),
        places=frozenset(entry["places"]),
        exceptions=tuple(_compile(text, groups, flags) for text in entry.get("unless", [])),
        reason=entry["reason"],
        remedy=entry["remedy"],
    )


def _compile(pattern: str, groups: dict[str, str], flags: int) -> re.Pattern[str]:
    for name, alternatives in groups.items():
        pattern = pattern.replace(f"<{name}>", f"(?:{alternatives})")
    return re.compile(pattern, flags)


def _covers(exception: re.Pattern[str], hit: re.Match[str], sentence: str) -> bool:
    """Whether an exception matches at the hit, so that it does not count elsewhere."""
    return any(
        found.start() < hit.end() and hit.start() < found.end()
        for found in exception.finditer(sentence)
    )
