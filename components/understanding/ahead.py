"""Encodes a message before its turn comes, while Python answers somebody else on another core.

The encoder leaves Python alone while it thinks, a fifth of a message's time. A turn itself must
not be interrupted, so the message is encoded before it begins.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass

from components.long_words import as_read
from components.payload import is_payload
from components.understanding.encoder import Vectors, sentence_encoder
from components.understanding.parts import Split, split
from components.understanding.script import is_readable


@dataclass(frozen=True)
class Encoded:
    """A message and its parts, and a vector for each of `said.texts`."""

    said: Split
    vectors: Vectors


_ahead: ContextVar[Encoded | None] = ContextVar("encoded", default=None)
# One thread: who came first is through first, so no message overtakes another of its conversation.
_encoder_thread = ThreadPoolExecutor(1, "encoder")


def encoded(text: str) -> Encoded:
    """`text` and its parts, encoded now unless that was done ahead."""
    found = _ahead.get()
    if found and found.said.text == text:
        return found
    said = split(text)
    return Encoded(said, sentence_encoder().encode(said.texts))


async def encode_ahead(text: str) -> None:
    """Encode `text` for the rest of this task; where nothing is to be encoded, only wait a turn."""
    said = split(as_read(text)) if is_worth_encoding(text) else None
    texts = said.texts if said else []
    loop = asyncio.get_running_loop()
    vectors = await loop.run_in_executor(_encoder_thread, sentence_encoder().encode, texts)
    _ahead.set(Encoded(said, vectors) if said else None)


def is_worth_encoding(text: str) -> bool:
    """True for typed words in Latin letters."""
    return is_readable(text) and not is_payload(text)
