"""Intent classifier: sentence vector beside word and character n-grams, and an out-of-scope gate.

Only what a message needs: sums of a few numbers a trained model holds, in NumPy. How they are
found is in training.py; what each choice gave is measured in evaluation/README.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from components.understanding.encoder import Vectors
from components.understanding.ngrams import Columns, Vocabulary, Weights, characters, words

Matrix = npt.NDArray[np.floating]

OUT_OF_SCOPE = "out_of_scope"
CRISIS = "report_distress:C"  # phrases whose block in data/nlu.yml carries `level: C`
VECTOR_WEIGHT = 2.0  # against 1 for the n-grams
NEIGHBOURS = 5
AXES, SHORTLIST = 96, 128
TINY = 1e-6


@dataclass(frozen=True)
class Flagged:
    """How likely an intent comes with a red flag: its phrases have a block of their own."""

    intent: str
    level: str
    flag: str
    probability: float


@dataclass(frozen=True)
class Ranking:
    """Intents of one message, best first, with probabilities; `out_of_scope` is one of them."""

    intents: tuple[str, ...]
    probabilities: tuple[float, ...]
    foreign: float  # the gate's probability that this is not one of ours
    crisis: float = 0.0  # the part of report_distress that is danger to life
    flagged: tuple[Flagged, ...] = ()

    def probability(self, intent: str) -> float:
        """Probability of `intent`, 0 for one the model does not know."""
        return dict(zip(self.intents, self.probabilities, strict=True)).get(intent, 0.0)

    def without(self, intent: str) -> "Ranking":
        """The same ranking where `intent` does not stand; probabilities stay as they were."""
        kept = [
            pair for pair in zip(self.intents, self.probabilities, strict=True) if pair[0] != intent
        ]
        return replace(
            self, intents=tuple(i for i, _ in kept), probabilities=tuple(p for _, p in kept)
        )


class Ngrams:
    """The word and character n-grams of the training phrases, in one row of columns."""

    def __init__(self, of_words: Vocabulary, of_characters: Vocabulary) -> None:
        self.of_words = of_words
        self.of_characters = of_characters

    def __len__(self) -> int:
        return len(self.of_words.terms) + len(self.of_characters.terms)

    def weigh(self, text: str) -> tuple[Columns, Weights]:
        """The columns that `text` has, and their weights."""
        one, ones = self.of_words.weigh(text)
        other, others = self.of_characters.weigh(text)
        columns = np.concatenate([one, other + len(self.of_words.terms)])
        return columns, np.concatenate([ones, others])


@dataclass(frozen=True)
class Phrases:
    """Vectors of training phrases among which those near a message are found.

    They are looked for along a few axes first, and the cosines of the nearest reckoned exactly: to
    compare with every number of all of them took as long as the rest of the classifier.
    """

    vectors: Vectors  # shape (phrases, 384)
    axes: Vectors  # shape (384, AXES)

    @cached_property
    def _along_axes(self) -> Vectors:
        return np.ascontiguousarray(self.vectors @ self.axes)

    def near(self, vectors: Vectors) -> Matrix:
        """Largest and mean-of-five largest cosine to each of `vectors`, shape (texts, 2)."""
        roughly = (vectors @ self.axes) @ self._along_axes.T
        few = min(SHORTLIST, len(self.vectors))
        nearest = np.argpartition(roughly, -few, axis=1)[:, -few:]
        cosines = np.einsum("tsd,td->ts", self.vectors[nearest], vectors)
        top = np.partition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
        return np.column_stack([top.max(axis=1), top.sum(axis=1) / NEIGHBOURS])


@dataclass(frozen=True)
class Gate:
    """Tells what is not one of ours by nine scores (logistic regression)."""

    coefficients: Matrix  # shape (9,)
    intercept: float
    threshold: float  # from this probability on a message is turned away

    def probabilities(self, scores: Matrix) -> Matrix:
        """The probability that each is out of scope; `scores` has shape (messages, 9)."""
        return np.asarray(1 / (1 + np.exp(-(scores @ self.coefficients + self.intercept))))


@dataclass(frozen=True)
class TopicModel:
    """A trained classifier and its out-of-scope gate."""

    # `intent`, `intent:level` or `intent:level:flag`, in the order of the columns below.
    labels: tuple[str, ...]
    ngrams: Ngrams
    of_vector: Matrix  # shape (384, labels)
    of_ngrams: Matrix  # shape (n-grams, labels)
    intercept: Matrix  # shape (labels,)
    ours: Phrases
    foreign: Phrases
    gate: Gate

    @property
    def threshold(self) -> float:
        """The gate's."""
        return self.gate.threshold

    def rank(self, texts: Sequence[str], vectors: Vectors) -> list[Ranking]:
        """Rank the intents of each text; `vectors` has shape (texts, 384)."""
        logits = self._logits(texts, vectors)
        probabilities = softmax(logits)
        near = np.hstack([self.ours.near(vectors), self.foreign.near(vectors)])
        scores = gate_scores(probabilities, logits, near, self.labels.index(OUT_OF_SCOPE))
        foreign = self.gate.probabilities(scores)
        return [self._ranking(*row) for row in zip(probabilities, foreign, strict=True)]

    def save(self, file: Path) -> None:
        """Write all of it as plain numbers and words: a file that is read runs no code."""
        np.savez(
            file,
            labels=np.array(self.labels),
            words=np.array(self.ngrams.of_words.terms),
            rarity_of_words=self.ngrams.of_words.rarity,
            characters=np.array(self.ngrams.of_characters.terms),
            rarity_of_characters=self.ngrams.of_characters.rarity,
            of_vector=self.of_vector,
            of_ngrams=self.of_ngrams,
            intercept=self.intercept,
            # Rounded: half the file, and a cosine changes in its fourth digit.
            ours=self.ours.vectors.astype(np.float16),
            foreign=self.foreign.vectors.astype(np.float16),
            axes=self.ours.axes,
            gate=self.gate.coefficients,
            gate_intercept=self.gate.intercept,
            threshold=self.gate.threshold,
        )

    @classmethod
    def load(cls, file: Path) -> "TopicModel":
        """What `save` has written; raises OSError or ValueError for anything else."""
        with np.load(file, allow_pickle=False) as held:
            return cls(
                labels=tuple(held["labels"].tolist()),
                ngrams=Ngrams(
                    Vocabulary(words, held["words"].tolist(), held["rarity_of_words"]),
                    Vocabulary(
                        characters, held["characters"].tolist(), held["rarity_of_characters"]
                    ),
                ),
                of_vector=held["of_vector"],
                of_ngrams=held["of_ngrams"],
                intercept=held["intercept"],
                ours=Phrases(held["ours"].astype(np.float32), held["axes"]),
                foreign=Phrases(held["foreign"].astype(np.float32), held["axes"]),
                gate=Gate(held["gate"], float(held["gate_intercept"]), float(held["threshold"])),
            )

    @cached_property
    def _intents(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(label.partition(":")[0] for label in self.labels))

    @cached_property
    def _intent_of_label(self) -> npt.NDArray[np.intp]:
        return np.array([self._intents.index(one.partition(":")[0]) for one in self.labels])

    @cached_property
    def _flags(self) -> dict[int, list[str]]:
        """Intent, level and flag of each column whose label has them."""
        parts = enumerate(label.split(":") for label in self.labels)
        return {column: part for column, part in parts if len(part) == 3}

    def _logits(self, texts: Iterable[str], vectors: Vectors) -> Matrix:
        logits = (VECTOR_WEIGHT * vectors) @ self.of_vector + self.intercept
        for row, text in zip(logits, texts, strict=True):
            columns, weights = self.ngrams.weigh(text)
            row += weights @ self.of_ngrams[columns]
        return np.asarray(logits)

    def _ranking(self, probabilities: Matrix, foreign: float) -> Ranking:
        of_intents = np.bincount(self._intent_of_label, weights=probabilities)
        order = np.argsort(-of_intents, kind="stable")
        crisis = probabilities[self.labels.index(CRISIS)] if CRISIS in self.labels else 0.0
        return Ranking(
            intents=tuple(self._intents[place] for place in order),
            probabilities=tuple(of_intents[order].tolist()),
            foreign=float(foreign),
            crisis=float(crisis),
            flagged=tuple(
                Flagged(intent, level, flag, float(probabilities[column]))
                for column, (intent, level, flag) in self._flags.items()
            ),
        )


def gate_scores(probabilities: Matrix, logits: Matrix, near: Matrix, foreign: int) -> Matrix:
    """The nine scores the gate judges by, shape (messages, 9).

    `near` is what `Phrases` finds, ours and foreign, shape (messages, 4); `foreign` is the column
    of `out_of_scope`.
    """
    ours = np.delete(probabilities, foreign, axis=1)
    best_two = np.sort(ours, axis=1)[:, -2:]
    return np.column_stack(
        [
            np.log(probabilities[:, foreign] + TINY),
            np.log(best_two + TINY),
            _log_of_sum(np.delete(logits, foreign, axis=1)),
            logits[:, foreign],
            near,
        ]
    )


def softmax(logits: Matrix) -> Matrix:
    """Probabilities of each row's columns."""
    return np.asarray(np.exp(logits - _log_of_sum(logits)[:, None]))


def _log_of_sum(logits: Matrix) -> Matrix:
    largest = logits.max(axis=1)
    return np.asarray(largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1)))
