"""How hard a text is to read, and how long it is."""

import re
import statistics
import warnings
from collections.abc import Iterable
from functools import cache
from types import ModuleType

MAX_GRADE = 8.0
MAX_MEDIAN_GRADE = 6.5
MAX_WORDS = 90

# A heading or a short line has no sentence structure to grade.
MIN_GRADED_WORDS = 7

_BULLET = re.compile(r"^\s*[-•*] +", re.MULTILINE)
_UNENDED_LINE = re.compile(r"(?<=[^.?!:\s])[ \t]*\n")


def words(text: str) -> int:
    """The number of words of a text, bullet signs not counted."""
    return len(_BULLET.sub("", text).split())


def grade(text: str) -> float:
    """The Flesch–Kincaid grade of a text; each bullet counts as a sentence."""
    return float(_textstat().flesch_kincaid_grade(_as_sentences(text)))


def is_graded(text: str) -> bool:
    """Whether a text is long enough for a reading grade to mean anything."""
    return words(text) >= MIN_GRADED_WORDS


def median_grade(texts: Iterable[str]) -> float:
    """The median grade of those texts that can be graded; 0 when none can."""
    grades = [grade(text) for text in texts if is_graded(text)]
    return statistics.median(grades) if grades else 0.0


def _as_sentences(text: str) -> str:
    return _UNENDED_LINE.sub(".\n", _BULLET.sub("", text.strip()))


@cache
def _textstat() -> ModuleType:
    # Loaded late: it takes a third of a second, and the running guide never grades.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import textstat
    module: ModuleType = textstat
    return module
