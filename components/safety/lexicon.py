"""One name for every way of writing a word: endings, synonyms, misspellings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from string import ascii_lowercase

ENDINGS = ("s", "es", "ed", "ing", "ly")
SHORTEST_FUZZY_WORD = 4
SHORTEST_FUZZY_STEM = 7
LONGEST_ENDING = 4  # after a misspelt stem: "montelukast" is not "mottled"
LONGEST_FUZZY_WORD = 20
SURE_LENGTH = 6  # from here on, a slip away from a listed spelling is that spelling
USUAL_RANK = 8_000  # of a word the patterns use and the list of common words does not hold


class Lexicon:
    """Maps a lower-case word to the word the patterns use for it.

    Looked up in this order: a listed spelling, a `stem*`, the word without its ending, one slip of
    the keyboard away from one of those. Words in `ordinary` are never touched: they are real words
    that happen to look like a misspelt alarm ("shallow", "swallow"). A word in `common` (the most
    frequent first) is no misspelling, and a slip is taken for the more frequent word: "hapy" is
    "happy", not "hapū".
    """

    def __init__(
        self,
        spellings: Mapping[str, str],
        stems: Iterable[str],
        plain: Iterable[str],
        ordinary: Iterable[str],
        common: Sequence[str] = (),
    ) -> None:
        self._spellings = dict(spellings)
        self._stems = frozenset(stems)
        self._ordinary = frozenset(ordinary)
        self._plain = frozenset(plain)
        self._rank = {word: rank for rank, word in enumerate(common)}
        self._shortest_stem = min(map(len, self._stems), default=1)
        self._listed = {word for word in self._spellings if word.isalpha()}
        self._used = self._listed | {word for word in self._plain if word.isalpha()}
        self._near_stems = self._index_near_stems()
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
                return self._of_stem(word[:length])
        return None

    def _of_stem(self, stem: str) -> str:
        return self._spellings.get(stem + "*", stem)

    def _without_ending(self, word: str) -> str | None:
        for base in _bases(word, 3):
            found = self._known(base) or (base if base in self._plain else None)
            if found:
                return found
        return None

    def _misspelt(self, word: str) -> str | None:
        if not self._may_be_misspelt(word):
            return None
        found = self._one_slip_away(word) or self._of_misspelt_stem(word)
        if found:
            return found
        for base in _bases(word, SHORTEST_FUZZY_WORD):
            if self._may_be_misspelt(base) and (found := self._one_slip_away(base)):
                return found
        return None

    def _may_be_misspelt(self, word: str) -> bool:
        is_word = word in self._plain or word in self._rank or word in self._ordinary
        fits = SHORTEST_FUZZY_WORD <= len(word) <= LONGEST_FUZZY_WORD
        return fits and word.isascii() and word.isalpha() and not is_word

    def _one_slip_away(self, word: str) -> str | None:
        """The most frequent word one slip away, if the patterns use it."""
        slips = set(_slips(word))
        likely = sorted(slips & self._listed, key=self._order) if len(word) >= SURE_LENGTH else []
        if not likely:
            known = [slip for slip in slips if slip in self._rank or slip in self._used]
            likely = [min(known, key=self._order)] if known else []
        for slip in likely:
            if len(slip) < SHORTEST_FUZZY_WORD:
                continue
            return self._known(slip) or self._without_ending(slip) or self._if_used(slip)
        return None

    def _if_used(self, word: str) -> str | None:
        return word if word in self._used else None

    def _order(self, word: str) -> tuple[int, str]:
        return self._rank.get(word, USUAL_RANK), word

    def _of_misspelt_stem(self, word: str) -> str | None:
        shortest = max(SHORTEST_FUZZY_STEM - 1, len(word) - LONGEST_ENDING)
        for length in range(shortest, len(word) + 1):
            start = word[:length]
            for shorter in _one_letter_less(start):
                for stem in self._near_stems.get(shorter, ()):
                    if stem[0] == word[0] and _one_slip_apart(start, stem):
                        return self._of_stem(stem)
        return None

    def _index_near_stems(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for stem in sorted(self._stems):
            if len(stem) >= SHORTEST_FUZZY_STEM and stem.isalpha():
                for shorter in _one_letter_less(stem):
                    index.setdefault(shorter, []).append(stem)
        return index


def _bases(word: str, shortest: int) -> Iterator[str]:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            yield word[: -len(ending)]


def _slips(word: str) -> Iterator[str]:
    """Every word one letter off, the first letter kept: dropped, doubled, swapped or another."""
    for at in range(1, len(word)):
        head, tail = word[:at], word[at + 1 :]
        yield head + tail
        if at + 1 < len(word):
            yield head + word[at + 1] + word[at] + word[at + 2 :]
        for letter in ascii_lowercase:
            yield head + letter + tail
            yield head + letter + word[at:]
    for letter in ascii_lowercase:
        yield word + letter


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
