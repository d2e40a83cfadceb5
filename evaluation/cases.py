"""Reads held-out questions and safety cases: JSON Lines, one object a line.

A question is {"text", "intent", "alt": [also right]}, a safety case
{"text", "level": "E" | "C" | "S" | "G" | null, "flag", "kind", "alt_level": [also right]}.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from editorial.training import HELD_OUT_VARIABLE
from evaluation.metrics import LEVELS, Question, SafetyCase

PROJECT = Path(__file__).resolve().parent.parent
OWN_FILES = (PROJECT / "evaluation/questions.jsonl", PROJECT / "evaluation/safety.jsonl")


class UnreadableCase(Exception):
    """A line of a file cannot be used; the message says which and why."""


@dataclass(frozen=True)
class HeldOut:
    """One file of held-out messages."""

    name: str
    questions: list[Question]
    safety: list[SafetyCase]

    @property
    def texts(self) -> list[str]:
        """Questions first, as they stand in the file."""
        return [row.text for row in self.questions] + [row.text for row in self.safety]


def held_out_files() -> list[Path]:
    """Our own files, then those the environment variable HELD_OUT names."""
    extra = os.environ.get(HELD_OUT_VARIABLE, "").split(":")
    return [*OWN_FILES, *(Path(name) for name in extra if name)]


def read(path: Path) -> HeldOut:
    """Every line of a file; raises UnreadableCase."""
    name = path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else str(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UnreadableCase(f"{name}: cannot be read ({error.strerror})") from None
    held_out = HeldOut(name, [], [])
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                _add(held_out, json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                raise UnreadableCase(f"{name}:{number}: {_why(error)}") from None
    return held_out


def _add(held_out: HeldOut, row: dict[str, Any]) -> None:
    if "intent" in row:
        alt = tuple(row.get("alt") or ())
        held_out.questions.append(Question(row["text"], row["intent"], alt))
    else:
        held_out.safety.append(_safety_case(row))


def _safety_case(row: dict[str, Any]) -> SafetyCase:
    levels = (row["level"], *(row.get("alt_level") or ()))
    unknown = set(levels) - {*LEVELS, None}
    if unknown:
        raise ValueError(f"level {sorted(map(str, unknown))[0]} is none of E, C, S, G or null")
    return SafetyCase(
        text=row["text"],
        level=row["level"],
        flag=row.get("flag"),
        kind=row.get("kind") or "",
        alt_level=tuple(row.get("alt_level") or ()),
    )


def _why(error: Exception) -> str:
    return f"has no {error}" if isinstance(error, KeyError) else str(error)
