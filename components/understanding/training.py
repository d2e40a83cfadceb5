"""Finds the numbers of a `TopicModel` in labelled phrases.

The classifier is a softmax regression, balanced by class, as scikit-learn's LogisticRegression
fits it. Ours takes a third of the time, since it multiplies the dense vectors and the sparse
n-grams apart.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from components.understanding.classifier import (
    AXES,
    OUT_OF_SCOPE,
    VECTOR_WEIGHT,
    Gate,
    Matrix,
    Ngrams,
    Phrases,
    TopicModel,
    gate_scores,
    softmax,
)
from components.understanding.encoder import Vectors
from components.understanding.minimum import Numbers, lowest
from components.understanding.ngrams import Vocabulary, characters, words

Rows = npt.NDArray[np.intp]

LEAST_OF_WORDS, LEAST_OF_CHARACTERS = 3, 10  # phrases an n-gram must stand in
INVERSE_REGULARISATION = 5.0
# The last digits of the optimum cost most of the time and no accuracy.
GRADIENT_TOLERANCE, MOST_ITERATIONS = 3e-4, 100
FOLDS = 3
ROWS_AT_ONCE = 200  # of similarities, which are as wide as there are phrases


@dataclass(frozen=True)
class Features:
    """What is known of each phrase: its weighted vector and its n-grams."""

    vectors: Vectors
    ngrams: csr_matrix

    def of(self, rows: Rows) -> "Features":
        """Those of some phrases."""
        return Features(self.vectors[rows], self.ngrams[rows])


@dataclass(frozen=True)
class Softmax:
    """Coefficients of both kinds of features, each of shape (features, labels)."""

    of_vector: Matrix
    of_ngrams: Matrix
    intercept: Matrix

    def logits(self, features: Features) -> Matrix:
        """Shape (phrases, labels)."""
        dense = features.vectors @ self.of_vector
        return np.asarray(dense + features.ngrams @ self.of_ngrams + self.intercept)


@dataclass(frozen=True)
class Labelled:
    """Phrases, the class of each, of which there are `number`, and how much each counts."""

    features: Features
    classes: Rows
    number: int
    weights: Vectors

    def fit(self, rows: Rows) -> Softmax:
        """The regression of some of them."""
        few = self.features.of(rows)
        return fit_softmax(few, self.classes[rows], self.number, self.weights[rows])


def train(
    texts: Sequence[str], intents: Sequence[str], vectors: Vectors, rejected: float
) -> tuple[TopicModel, float]:
    """A model of phrases labelled as `TopicModel.labels` are, and the gate's recall.

    `vectors` has shape (texts, 384). `rejected`: share of our own phrases the gate may turn away,
    which sets its threshold by cross-validation on these phrases alone; so is the recall measured.
    """
    labels, classes = np.unique(intents, return_inverse=True)
    foreign = int(np.flatnonzero(labels == OUT_OF_SCOPE)[0])
    ngrams = Ngrams(
        Vocabulary.learnt(words, texts, LEAST_OF_WORDS),
        Vocabulary.learnt(characters, texts, LEAST_OF_CHARACTERS),
    )
    features = Features(np.float32(VECTOR_WEIGHT) * vectors, _rows(ngrams, texts))
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(vectors, classes))
    phrases = Labelled(features, classes, len(labels), _weights(intents))
    # Threads, not processes: the sums are done outside Python, and the matrix is not copied.
    whole, *scored = Parallel(n_jobs=-1, prefer="threads")(
        [
            delayed(phrases.fit)(np.arange(len(texts))),
            *(delayed(_scores_of_unseen)(phrases, vectors, foreign, *fold) for fold in folds),
        ]
    )
    scores = np.zeros((len(texts), 9))
    for (_, unseen), found in zip(folds, scored, strict=True):
        scores[unseen] = found
    gate, recall = fit_gate(scores, classes == foreign, rejected)
    ours, others = _phrases(vectors, classes == foreign)
    model = TopicModel(
        labels=tuple(map(str, labels)),
        ngrams=ngrams,
        of_vector=whole.of_vector,
        of_ngrams=whole.of_ngrams,
        intercept=whole.intercept,
        ours=ours,
        foreign=others,
        gate=gate,
    )
    return model, recall


def _scores_of_unseen(
    phrases: Labelled, vectors: Vectors, foreign: int, seen: Rows, unseen: Rows
) -> Matrix:
    """What the gate would judge `unseen` by, had the classifier only learnt `seen`."""
    logits = phrases.fit(seen).logits(phrases.features.of(unseen))
    known = _phrases(vectors[seen], phrases.classes[seen] == foreign)
    near = _near(*known, vectors[unseen])
    return gate_scores(softmax(logits), logits, near, foreign)


def fit_softmax(features: Features, classes: Rows, number: int, weights: Vectors) -> Softmax:
    """The regression of phrases that belong to `classes`, of which there are `number`.

    `weights` says how much each phrase counts. Minimises the mean cross-entropy and the squares of
    the coefficients, without the intercept's, by L-BFGS.
    """
    shares = (weights / weights.sum())[:, None]
    targets = np.arange(number) == classes[:, None]
    penalty = np.float32(1 / (INVERSE_REGULARISATION * len(classes)))
    width = features.vectors.shape[1]
    shape = (width + features.ngrams.shape[1] + 1, number)
    by_ngram = features.ngrams.T.tocsr()

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        coefficients = flat.reshape(shape)
        model = Softmax(coefficients[:width], coefficients[width:-1], coefficients[-1])
        probabilities = softmax(model.logits(features))
        missed = np.log(probabilities[targets] + np.finfo(np.float32).tiny)
        pull = (probabilities - targets) * shares
        gradient = np.empty(shape, dtype=np.float32)
        gradient[:width] = features.vectors.T @ pull
        gradient[width:-1] = by_ngram @ pull
        gradient[:-1] += penalty * coefficients[:-1]
        gradient[-1] = pull.sum(axis=0)
        squares = np.square(coefficients[:-1]).sum(dtype=np.float64)
        return float(penalty / 2 * squares - missed @ shares[:, 0]), gradient.ravel()

    size = shape[0] * shape[1]
    found = lowest(loss, size, GRADIENT_TOLERANCE, MOST_ITERATIONS).reshape(shape)
    return Softmax(found[:width], found[width:-1], found[-1])


def fit_gate(
    scores: Matrix, is_foreign: npt.NDArray[np.bool_], rejected: float
) -> tuple[Gate, float]:
    """The gate, and its recall where it turns away `rejected` of what is ours.

    Threshold and recall come from cross-validation.
    """
    held_out = np.zeros(len(scores))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    for seen, unseen in folds.split(scores, is_foreign):
        held_out[unseen] = _fit_gate(scores[seen], is_foreign[seen]).probabilities(scores[unseen])
    threshold = float(np.quantile(held_out[~is_foreign], 1 - rejected))
    recall = float(np.mean(held_out[is_foreign] > threshold))
    return _fit_gate(scores, is_foreign, threshold), recall


def _fit_gate(scores: Matrix, is_foreign: npt.NDArray[np.bool_], threshold: float = 0.5) -> Gate:
    scaler = StandardScaler().fit(scores)
    regression = LogisticRegression(C=1.0, max_iter=1000, class_weight="balanced")
    regression.fit(scaler.transform(scores), is_foreign)
    coefficients = regression.coef_[0] / scaler.scale_
    intercept = float(regression.intercept_[0] - coefficients @ scaler.mean_)
    return Gate(coefficients, intercept, threshold)


def _weights(intents: Sequence[str]) -> Vectors:
    """Each intent weighs the same, however many phrases it has; so do the phrases within one.

    By label instead, the few phrases of a rare red flag would outweigh the topics.
    """
    names = [intent.partition(":")[0] for intent in intents]
    phrases = Counter(names)
    return np.array([1 / phrases[name] for name in names], dtype=np.float32)


def _rows(ngrams: Ngrams, texts: Sequence[str]) -> csr_matrix:
    """Shape (texts, n-grams)."""
    rows = [ngrams.weigh(text) for text in texts]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([columns for columns, _ in rows])
    weights = np.concatenate([weights for _, weights in rows])
    return csr_matrix((weights, columns, ends), shape=(len(texts), len(ngrams)))


def _phrases(vectors: Vectors, is_foreign: npt.NDArray[np.bool_]) -> tuple[Phrases, Phrases]:
    """Ours and the foreign, along the axes on which all of them differ most."""
    _, axes = np.linalg.eigh(np.cov(vectors.T))  # by ascending variance
    most = np.ascontiguousarray(axes[:, -AXES:], dtype=np.float32)
    return Phrases(vectors[~is_foreign], most), Phrases(vectors[is_foreign], most)


def _near(ours: Phrases, foreign: Phrases, vectors: Vectors) -> Matrix:
    parts = [vectors[at : at + ROWS_AT_ONCE] for at in range(0, len(vectors), ROWS_AT_ONCE)]
    return np.vstack([np.hstack([ours.near(part), foreign.near(part)]) for part in parts])
