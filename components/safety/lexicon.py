"""One name for every way of writing a word: endings, synonyms, misspellings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

ENDINGS = ("s", "es", "ed", "ing", "ly")
SHORTEST_FUZZY_WORD = 6


class Lexicon:
    """Maps a lower-case word to the word the patterns use for it.

    Looked up in this order: a listed spelling, a `stem*`, the word without its ending,
    a listed spelling one slip of the keyboard away. Words in `ordinary` are never touched:
    they are real words that happen to look like a misspelt alarm ("shallow", "swallow").
    """

    def __init__(
        self,
        spellings: Mapping[str, str],
        stems: Iterable[str],
        plain: Iterable[str],
        ordinary: Iterable[str],
    ) -> None:
        self._spellings = dict(spellings)
        self._stems = frozenset(stems)
        self._ordinary = frozenset(ordinary)
        self._plain = frozenset(plain)
        self._shortest_stem = min(map(len, self._stems), default=1)
        self._near = self._index_near_words()
        self.name = lru_cache(maxsize=20_000)(self._name)

    def _name(self, word: str) -> str:
        return self._known(word) or self._without_ending(word) or self._misspelt(word) or word

    def _known(self, word: str) -> str | None:
        if word in self._spellings:
            return self._spellings[word]
        if word in self._ordinary:
            return word
        for length in range(self._shortest_stem, len(word) + 1):
            if word[:length] in self._stems:
                return self._spellings.get(word[:length] + "*", word[:length])
        return None

    def _without_ending(self, word: str) -> str | None:
        for ending in ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                base = word[: -len(ending)]
                found = self._known(base) or (base if base in self._plain else None)
                if found:
                    return found
        return None

    def _misspelt(self, word: str) -> str | None:
        if word in self._plain or len(word) < SHORTEST_FUZZY_WORD or not word.isalpha():
            return None
        for candidate in _one_letter_less(word):
            for listed in self._near.get(candidate, ()):
                if listed[0] == word[0] and _one_slip_apart(word, listed):
                    return self._spellings[listed]
        return None

    def _index_near_words(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for word in sorted(self._spellings):
            if len(word) >= SHORTEST_FUZZY_WORD and word.isalpha():
                for shorter in _one_letter_less(word):
                    index.setdefault(shorter, []).append(word)
        return index


def _one_letter_less(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _one_slip_apart(one: str, other: str) -> bool:
    """One letter added, dropped or changed, or two neighbours swapped."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    tail, other_tail = one[start:], other[start:]
    swapped = tail[1:2] + tail[:1] == other_tail[:2] and tail[2:] == other_tail[2:]
    return tail[1:] == other_tail[1:] or tail[1:] == other_tail or tail == other_tail[1:] or swapped
