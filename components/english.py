"""spaCy's English: how a text is split into words, without a statistical model."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from string import punctuation

import spacy
from spacy.language import Language

COMMON_WORDS = Path(__file__).with_name("common_words.txt")
# spaCy forgets after each message what it has seen in it, so that it does not grow. The commonest
# words it knows from the start: 1 MB, and a message is split in a third of the time.
KNOWN_FROM_THE_START = 5_000


def english(sentence_ends: Sequence[str] = ()) -> Language:
    """A pipeline of its own that splits a text into words, and into sentences at these marks."""
    nlp = spacy.blank("en")
    if sentence_ends:
        nlp.add_pipe("sentencizer", config={"punct_chars": list(sentence_ends)})
    for word in _known_from_the_start(nlp):
        nlp.make_doc(word)
    return nlp


def _known_from_the_start(nlp: Language) -> Iterator[str]:
    yield from common_words()[:KNOWN_FROM_THE_START]
    yield from nlp.Defaults.stop_words  # "my", "for": too short for the list
    yield from map(str.capitalize, nlp.Defaults.stop_words)
    yield from punctuation


@lru_cache(maxsize=1)
def common_words() -> tuple[str, ...]:
    """The most frequent first: 30,000 words of film subtitles (the English list of pyspellchecker,
    MIT licence) and of our own phrases.
    """
    return tuple(COMMON_WORDS.read_text(encoding="utf-8").split())
