"""The regression, held against scikit-learn's, which minimises the same."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack, random
from sklearn.linear_model import LogisticRegression

from components.understanding import training
from components.understanding.training import Features, fit_gate, fit_softmax

PHRASES, CLASSES = 300, 4


@pytest.fixture
def problem(monkeypatch):
    """Phrases of four classes, the first of them three times as frequent as the others."""
    monkeypatch.setattr(training, "GRADIENT_TOLERANCE", 1e-7)
    monkeypatch.setattr(training, "MOST_ITERATIONS", 2000)
    chance = np.random.default_rng(0)
    classes = chance.choice(CLASSES, PHRASES, p=[0.5, 0.2, 0.2, 0.1])
    centres = chance.normal(size=(CLASSES, 10))
    vectors = (centres[classes] + chance.normal(0, 1.5, (PHRASES, 10))).astype(np.float32)
    ngrams = csr_matrix(random(PHRASES, 25, 0.2, random_state=1), dtype=np.float32)
    return Features(vectors, ngrams), classes


def test_coefficients_are_those_of_scikit_learn(problem):
    features, classes = problem
    theirs = LogisticRegression(
        C=training.INVERSE_REGULARISATION, class_weight="balanced", tol=1e-8, max_iter=5000
    ).fit(hstack([csr_matrix(features.vectors), features.ngrams]).tocsr(), classes)
    weights = (1 / np.bincount(classes))[classes].astype(np.float32)
    ours = fit_softmax(features, classes, CLASSES, weights)
    both = np.vstack([ours.of_vector, ours.of_ngrams])
    np.testing.assert_allclose(both, theirs.coef_.T, atol=0.02)
    logits = theirs.decision_function(hstack([csr_matrix(features.vectors), features.ngrams]))
    found = ours.logits(features)
    centred = found - found.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(centred, logits - logits.mean(axis=1, keepdims=True), atol=0.05)


def test_class_without_a_phrase_is_never_likely(problem):
    features, classes = problem
    rows = np.flatnonzero(classes < 3)
    even = np.ones(len(rows), dtype=np.float32)
    ours = fit_softmax(features.of(rows), classes[rows], CLASSES, even)
    assert (ours.logits(features).argmax(axis=1) < 3).all()


def test_gate_turns_away_as_many_of_ours_as_it_may():
    chance = np.random.default_rng(2)
    is_foreign = chance.random(2000) < 0.3
    scores = chance.normal(size=(2000, 9)) + is_foreign[:, None]
    gate, recall = fit_gate(scores, is_foreign, rejected=0.05)
    away = gate.probabilities(scores) > gate.threshold
    assert away[~is_foreign].mean() == pytest.approx(0.05, abs=0.01)
    assert away[is_foreign].mean() == pytest.approx(recall, abs=0.02)
    assert recall > 0.8
