"""Finds the questions within a long message, so that each can be judged for itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from spacy.language import Language

from components.english import english

MOST_SENTENCES = 12  # of a very long message the first and the last six
MOST_QUESTIONS = 6  # at most three topics are answered at once
FEWEST_WORDS = 2

_ASKING = (
    r"(?:is|are|was|do|does|did|can|could|should|would|will|what|whats|how|why|which|when|who)"
)
# "… does kefir help and is leaky gut real?": a second question joined to the first.
_JOINED = re.compile(
    rf"(?: ?[,;](?: ?(?:and|also|or|plus))?| (?:and|also|plus)) (?={_ASKING}\b)", re.I
)
_ASKS = re.compile(rf"^(?:(?:and|also|but|so|or|plus|ok|please)\W+)*{_ASKING}\b", re.I)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Split:
    """A message, its sentences where it has several, and the questions in it."""

    text: str
    sentences: Sequence[str] = ()
    questions: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """All of these, each once: a sentence may also be a question."""
        return list(dict.fromkeys([self.text, *self.sentences, *self.questions]))


def split(text: str) -> Split:
    """What is judged of a message: the whole, and its parts."""
    said = sentences(text)
    return Split(text, said if len(said) > 1 else (), questions(said))


_splitter_is_free = Lock()


@lru_cache(maxsize=1)
def _splitter() -> Language:
    return english([".", "!", "?", "\n", "…"])


def sentences(text: str) -> list[str]:
    """The sentences of a message, at most twelve; a line is a sentence too, and blanks are one."""
    # A zone, or spaCy keeps every word it has seen; two threads must not be in it at once.
    with _splitter_is_free, _splitter().memory_zone():
        found = [" ".join(sentence.text.split()) for sentence in _splitter()(text).sents]
    said = [sentence for sentence in found if len(_WORD.findall(sentence)) >= FEWEST_WORDS]
    half = MOST_SENTENCES // 2
    return said if len(said) <= MOST_SENTENCES else said[:half] + said[-half:]


def questions(said: Sequence[str]) -> list[str]:
    """The questions in these sentences, in order, at most six; empty for one that is not joined.

    A sentence that tells without asking ("my son is 2 and has eczema") is no question.
    """
    pieces = [piece for sentence in said for piece in _JOINED.split(sentence)]
    if len(pieces) < 2:
        return []
    asked = [piece.strip() for piece in pieces if piece.endswith("?") or _ASKS.match(piece)]
    return [piece for piece in asked if len(_WORD.findall(piece)) >= FEWEST_WORDS][:MOST_QUESTIONS]
