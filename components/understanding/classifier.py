"""Intent classifier: sentence vector beside word and character n-grams, and an out-of-scope gate.

Pure scikit-learn and NumPy, no Rasa: `components/intent_classifier.py` puts it into the pipeline.
What each choice gave is measured in evaluation/README.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, hstack
from scipy.special import logsumexp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from components.understanding.encoder import Vectors

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

OUT_OF_SCOPE = "out_of_scope"
CRISIS = "report_distress:C"  # phrases whose block in data/nlu.yml carries `level: C`
VECTOR_WEIGHT = 2.0  # against 1 for the n-grams
INVERSE_REGULARISATION = 5.0
FOLDS = 3
NEIGHBOURS = 5
TINY = 1e-6


@dataclass(frozen=True)
class Ranking:
    """Intents of one message, best first, with probabilities; `out_of_scope` is one of them."""

    intents: tuple[str, ...]
    probabilities: tuple[float, ...]
    foreign: float  # the gate's probability that this is not one of ours
    crisis: float = 0.0  # the part of report_distress that is danger to life

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


class TextFeatures:
    """Word and `char_wb` TF-IDF beside the weighted sentence vector."""

    def __init__(self) -> None:
        self.words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3)
        self.characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, min_df=10
        )

    def fit(self, texts: Sequence[str]) -> "TextFeatures":
        """Learn both vocabularies."""
        self.words.fit(texts)
        self.characters.fit(texts)
        return self

    def transform(self, texts: Sequence[str], vectors: Vectors) -> csr_matrix:
        """Shape (texts, 384 + words + characters)."""
        parts = [csr_matrix(vectors * VECTOR_WEIGHT)]
        parts += [self.words.transform(texts), self.characters.transform(texts)]
        return hstack(parts).tocsr()


class TopicModel:
    """Trained classifier and out-of-scope gate; picklable."""

    def __init__(self) -> None:
        self.features = TextFeatures()

    def fit(
        self, texts: Sequence[str], intents: Sequence[str], vectors: Vectors, rejected: float
    ) -> "TopicModel":
        """Train on phrases labelled `intent` or `intent:level`.

        `rejected`: share of our own phrases the gate may turn away, which sets its threshold by
        cross-validation on these phrases alone.
        """
        labels = np.array(intents)
        x = self.features.fit(texts).transform(texts, vectors)
        self.vectors, self.is_foreign = vectors, labels == OUT_OF_SCOPE
        folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, labels))
        # Threads, not processes: the solver's sums leave Python, and the matrix is not copied.
        self.classifier, *without_fold = Parallel(n_jobs=-1, prefer="threads")(
            delayed(_fit_classifier)(x[seen], labels[seen])
            for seen in (slice(None), *(seen for seen, _ in folds))
        )
        self._fit_gate(self._out_of_fold_scores(x, folds, without_fold), rejected)
        return self

    @property
    def labels(self) -> npt.NDArray[np.str_]:
        """`intent` or `intent:level`, in the order of the probability columns."""
        return np.asarray(self.classifier.classes_)

    def rank(self, texts: Sequence[str], vectors: Vectors) -> list[Ranking]:
        """Rank the intents of each text; `vectors` has shape (texts, 384)."""
        x = self.features.transform(texts, vectors)
        logits = np.asarray(self.classifier.decision_function(x))
        probabilities = _softmax(logits)
        scores = self._gate_scores(probabilities, logits, vectors, self.vectors, self.is_foreign)
        foreign = self.gate.predict_proba(scores)[:, 1]
        return [self._ranking(*row) for row in zip(probabilities, foreign, strict=True)]

    def _ranking(self, probabilities: Matrix, foreign: float) -> Ranking:
        by_label = dict(zip(map(str, self.labels), map(float, probabilities), strict=True))
        ranked = sorted(_by_intent(by_label).items(), key=lambda pair: -pair[1])
        return Ranking(
            intents=tuple(intent for intent, _ in ranked),
            probabilities=tuple(probability for _, probability in ranked),
            foreign=float(foreign),
            crisis=by_label.get(CRISIS, 0.0),
        )

    def _out_of_fold_scores(
        self,
        x: csr_matrix,
        folds: Sequence[tuple[Rows, Rows]],
        models: Sequence[LogisticRegression],
    ) -> Matrix:
        """The gate's scores of each training phrase, from a model that has not seen it."""
        scores = np.zeros((x.shape[0], 9))
        for (seen, unseen), model in zip(folds, models, strict=True):
            logits = np.asarray(model.decision_function(x[unseen]))
            scores[unseen] = self._gate_scores(
                _softmax(logits),
                logits,
                self.vectors[unseen],
                self.vectors[seen],
                self.is_foreign[seen],
            )
        return scores

    def _fit_gate(self, x: Matrix, rejected: float) -> None:
        y = self.is_foreign.astype(int)
        held_out = np.zeros(len(y))
        for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(x, y):
            held_out[unseen] = _new_gate().fit(x[seen], y[seen]).predict_proba(x[unseen])[:, 1]
        self.gate = _new_gate().fit(x, y)
        self.threshold = float(np.quantile(held_out[y == 0], 1 - rejected))
        self.gate_recall = float(np.mean(held_out[y == 1] > self.threshold))

    def _gate_scores(
        self,
        probabilities: Matrix,
        logits: Matrix,
        vectors: Vectors,
        phrases: Vectors,
        is_foreign: npt.NDArray[np.bool_],
    ) -> Matrix:
        """The nine scores the gate judges by, shape (messages, 9)."""
        foreign = int(np.flatnonzero(self.labels == OUT_OF_SCOPE)[0])
        ours = [index for index in range(len(self.labels)) if index != foreign]
        best_two = np.sort(probabilities[:, ours], axis=1)[:, -2:]
        similarity = vectors @ phrases.T
        near_ours, mean_ours = _nearest(similarity[:, ~is_foreign])
        near_foreign, mean_foreign = _nearest(similarity[:, is_foreign])
        return np.column_stack(
            [
                np.log(probabilities[:, foreign] + TINY),
                np.log(best_two + TINY),
                logsumexp(logits[:, ours], axis=1),
                logits[:, foreign],
                near_ours,
                mean_ours,
                near_foreign,
                mean_foreign,
            ]
        )


def _by_intent(by_label: dict[str, float]) -> dict[str, float]:
    """Probabilities of labels added up by intent."""
    by_intent: dict[str, float] = {}
    for label, probability in by_label.items():
        intent = label.partition(":")[0]
        by_intent[intent] = by_intent.get(intent, 0.0) + probability
    return by_intent


def _fit_classifier(x: csr_matrix, labels: npt.NDArray[np.str_]) -> LogisticRegression:
    # tol and max_iter: the last digits of the optimum cost most of the time and no accuracy.
    model = LogisticRegression(
        C=INVERSE_REGULARISATION, class_weight="balanced", tol=1e-3, max_iter=100
    )
    model.fit(x, labels)
    # scikit-learn multiplies by the transpose and would copy all of it for each message.
    model.coef_ = np.asfortranarray(model.coef_)
    return model


def _new_gate() -> Pipeline:
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=1.0, max_iter=1000, class_weight="balanced")
    )


def _softmax(logits: Matrix) -> Matrix:
    return np.asarray(np.exp(logits - logsumexp(logits, axis=1, keepdims=True)))


def _nearest(similarity: npt.NDArray[np.float32]) -> tuple[Matrix, Matrix]:
    """Largest and mean-of-five largest per row."""
    top = -np.partition(-similarity, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    return top.max(axis=1).astype(float), top.mean(axis=1).astype(float)
