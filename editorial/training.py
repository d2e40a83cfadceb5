"""Read what the classifier learns from: phrases, the domain's intents, held-out questions."""

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from editorial.problem import Problem
from editorial.yaml_reader import UnreadableFile, read_yaml

# Extra files of held-out questions, separated by colons; they need not lie in the repository.
HELD_OUT_VARIABLE = "HELD_OUT"

_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Phrase:
    """One training phrase, its intent and the file it stands in."""

    text: str
    intent: str
    path: str

    @property
    def folded(self) -> str:
        """The phrase as compared with others."""
        return fold(self.text)


@dataclass(frozen=True)
class Button:
    """A button of a domain response."""

    response: str
    title: str
    payload: str


@dataclass(frozen=True)
class Training:
    """Phrases, intents and responses as read, and what could not be read."""

    phrases: list[Phrase] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    responses: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    held_out: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def phrases_of(self, intent: str) -> list[Phrase]:
        """The phrases that teach an intent."""
        return [phrase for phrase in self.phrases if phrase.intent == intent]


def fold(text: str) -> str:
    """A text without case, punctuation and extra spaces, so that equal phrases compare equal."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "").replace("'", "")
    return " ".join(re.sub(r"[\W_]+", " ", plain).split()) or plain.strip()


def read_training(root: Path) -> Training:
    """The training data of the repository at `root`."""
    problems: list[Problem] = []
    domain = _domain(root, problems)
    responses = domain.get("responses") or {}
    return Training(
        phrases=list(_phrases(root, problems)),
        intents=[_intent_name(entry) for entry in domain.get("intents") or []],
        responses={name: list(_texts(variants)) for name, variants in responses.items()},
        buttons=list(_buttons(responses)),
        held_out=dict(_held_out(root, problems)),
        problems=problems,
    )


def _domain(root: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        read = read_yaml(root / "domain.yml", "domain.yml")
    except UnreadableFile as error:
        problems.append(error.problem)
        return {}
    if not isinstance(read, dict):
        problems.append(Problem("domain.yml", "must map names to entries", "list `intents:` in it"))
        return {}
    for part, kind in (("responses", dict), ("intents", list)):
        if not isinstance(read.get(part) or kind(), kind):
            what = f"`{part}` must be a {'list' if kind is list else 'mapping'}"
            problems.append(Problem("domain.yml", what, "write it as Rasa's documentation shows"))
            read[part] = kind()
    return read


def _intent_name(entry: Any) -> str:
    """An intent of the domain, which may carry options: {back: {use_entities: []}}."""
    return str(next(iter(entry))) if isinstance(entry, dict) and entry else str(entry)


def _texts(variants: Any) -> Iterator[str]:
    for variant in variants or []:
        if isinstance(variant, dict) and isinstance(variant.get("text"), str):
            yield variant["text"]


def _buttons(responses: dict[str, Any]) -> Iterator[Button]:
    for name, variants in responses.items():
        for variant in variants or []:
            for button in (variant.get("buttons") or []) if isinstance(variant, dict) else []:
                yield Button(name, str(button.get("title", "")), str(button.get("payload", "")))


def _phrases(root: Path, problems: list[Problem]) -> Iterator[Phrase]:
    paths = [f"data/{file.name}" for file in sorted((root / "data").glob("*.yml"))]
    if "data/nlu.yml" not in paths:
        problems.append(Problem("data/nlu.yml", "is missing", "write the training phrases there"))
    for path in paths:
        try:
            read = read_yaml(root / path, path)
        except UnreadableFile as error:
            problems.append(error.problem)
            continue
        blocks = read.get("nlu") if isinstance(read, dict) else None
        for block in blocks or []:
            yield from _of_block(block, path, problems)


def _of_block(block: Any, path: str, problems: list[Problem]) -> Iterator[Phrase]:
    if not isinstance(block, dict) or "intent" not in block:
        return  # synonyms, lookup tables and regexes teach no intent
    intent, examples = str(block["intent"]), block.get("examples")
    if not isinstance(examples, str):
        remedy = "write `examples: |` and one `- phrase` a line"
        problems.append(Problem(path, f"the block {intent} has no examples", remedy))
        return
    for line in filter(None, map(str.strip, examples.splitlines())):
        if line.startswith("- "):
            yield Phrase(_ENTITY.sub(r"\1", line[2:].strip()), intent, path)
        else:
            what = f"in {intent} the line '{line}' is not a phrase"
            problems.append(Problem(path, what, "begin it with `- `"))


def _held_out(root: Path, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Each held-out question, folded, with the file it stands in."""
    extra = [Path(name) for name in os.environ.get(HELD_OUT_VARIABLE, "").split(":") if name]
    for file in [*sorted((root / "evaluation").glob("*.jsonl")), *extra]:
        shown = f"evaluation/{file.name}" if file not in extra else str(file)
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            remedy = f"mend the path or the variable {HELD_OUT_VARIABLE}"
            problems.append(Problem(shown, f"cannot be read ({error.strerror})", remedy))
            continue
        yield from _questions(lines, shown, problems)


def _questions(lines: list[str], shown: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            what = f"is not valid JSON ({error.msg})"
            problems.append(Problem(f"{shown}:{number}", what, "write one {…} a line"))
            continue
        if isinstance(entry, dict) and isinstance(entry.get("text"), str):
            yield fold(entry["text"]), shown
