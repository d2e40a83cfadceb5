"""Encodes and ranks a message before its turn comes, while Python answers somebody else.

The encoder and the classifier's sums leave Python alone, a third of a message's time. A turn itself
must not be interrupted, so all this is done before it begins, on a thread beside it.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, replace

from components.long_words import as_read
from components.payload import is_payload
from components.understanding.classifier import Ranking, TopicModel
from components.understanding.encoder import Vectors, sentence_encoder
from components.understanding.parts import Split, split
from components.understanding.script import is_readable


@dataclass(frozen=True)
class Encoded:
    """A message and its parts, and a vector for each of `said.texts`."""

    said: Split
    vectors: Vectors
    # What `model` makes of each of them, where one was at hand.
    model: TopicModel | None = None
    rankings: Sequence[Ranking] = ()

    def ranked_by(self, model: TopicModel) -> Sequence[Ranking]:
        """What `model` makes of each of `said.texts`, reckoned now unless that was done ahead."""
        return self.rankings if model is self.model else model.rank(self.said.texts, self.vectors)


_ahead: ContextVar[Encoded | None] = ContextVar("encoded", default=None)
# One thread: who came first is through first, so no message overtakes another of its conversation.
_encoder_thread = ThreadPoolExecutor(1, "encoder")


def encoded(text: str) -> Encoded:
    """`text` and its parts, encoded now unless that was done ahead."""
    found = _ahead.get()
    return found if found and found.said.text == text else _encode(text)


async def rank_ahead(text: str, model: TopicModel | None = None) -> None:
    """Encode `text` for the rest of this task, and rank it by `model`; where there is nothing to
    encode, only wait a turn.
    """
    loop = asyncio.get_running_loop()
    _ahead.set(await loop.run_in_executor(_encoder_thread, _encoded_ahead, text, model))


def is_worth_encoding(text: str) -> bool:
    """True for typed words in Latin letters."""
    return is_readable(text) and not is_payload(text)


def _encoded_ahead(text: str, model: TopicModel | None) -> Encoded | None:
    if not is_worth_encoding(text):
        return None
    found = _encode(as_read(text))
    return replace(found, model=model, rankings=found.ranked_by(model)) if model else found


def _encode(text: str) -> Encoded:
    said = split(text)
    return Encoded(said, sentence_encoder().encode(said.texts))
