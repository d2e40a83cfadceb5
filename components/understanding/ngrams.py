"""Word and character n-grams of a text, weighed by how rare they are (TF-IDF).

The weights are those of scikit-learn's `TfidfVectorizer(sublinear_tf=True)`; the code is our own
because its vectoriser takes most of a millisecond for a single message, and this a tenth.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Analyser = Callable[[str], Iterator[str]]
Columns = npt.NDArray[np.intp]
Weights = npt.NDArray[np.float32]

_WORD = re.compile(r"\b\w\w+\b")
CHARACTERS = (3, 4)


def words(text: str) -> Iterator[str]:
    """Words of two letters and more, and each pair of neighbours."""
    found = _WORD.findall(text.lower())
    yield from found
    yield from map(" ".join, pairwise(found))


def characters(text: str) -> Iterator[str]:
    """Runs of three and four characters within a word, which has a blank on either side."""
    for word in text.lower().split():
        padded = f" {word} "
        for length in CHARACTERS:
            starts = len(padded) - length + 1
            yield from (padded[start : start + length] for start in range(max(starts, 1)))
            if starts <= 1:
                break  # a short word counts once


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that count, and how much each does."""

    analyse: Analyser
    terms: Sequence[str]
    rarity: Weights  # shape (terms,)

    @classmethod
    def learnt(cls, analyse: Analyser, texts: Iterable[str], least: int) -> "Vocabulary":
        """The n-grams that stand in at least `least` of the texts."""
        number, documents = 0, Counter[str]()
        for text in texts:
            number += 1
            documents.update(set(analyse(text)))
        terms = sorted(term for term, count in documents.items() if count >= least)
        rarity = [math.log((1 + number) / (1 + documents[term])) + 1 for term in terms]
        return cls(analyse, terms, np.array(rarity, dtype=np.float32))

    @cached_property
    def column(self) -> dict[str, int]:
        """The place of each term."""
        return {term: place for place, term in enumerate(self.terms)}

    def weigh(self, text: str) -> tuple[Columns, Weights]:
        """Columns of the n-grams in `text` and their weights, whose squares add up to 1.

        Both are empty where none is known.
        """
        place = self.column
        counts = Counter(place[term] for term in self.analyse(text) if term in place)
        columns = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        weights = (1 + np.log(often)) * self.rarity[columns]
        length = np.sqrt(weights @ weights)
        return columns, weights / length if len(columns) else weights
