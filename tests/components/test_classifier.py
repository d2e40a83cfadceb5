"""Intent classifier and out-of-scope gate, on a tiny training set with made-up vectors."""

import numpy as np
import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message

from components.intent_classifier import FOREIGN_THRESHOLD, RANKING, IntentClassifier
from components.understanding.classifier import (
    AXES,
    NEIGHBOURS,
    OUT_OF_SCOPE,
    Phrases,
    TopicModel,
)
from components.understanding.training import train

WORDS = {
    "ask_fibre": ["oats", "beans", "lentils"],
    "ask_stress": ["worry", "sleep", "nerves"],
    "ask_scfa": ["butyrate", "acetate", "acids"],
    OUT_OF_SCOPE: ["football", "weather", "bank"],
}
FRAMES = ["tell me about {}", "is {} good", "{} please", "what is {}", "more on {} now"]
DIMENSIONS = 384


def vector_of(intent, seed):
    """Near its intent's own axis."""
    vector = np.random.default_rng(seed).normal(0, 0.02, DIMENSIONS)
    vector[list(WORDS).index(intent)] += 1
    return vector / np.linalg.norm(vector)


def trained(rejected):
    labelled = [(f.format(w), i) for i, words in WORDS.items() for w in words for f in FRAMES]
    texts, intents = zip(*labelled, strict=True)
    vectors = np.array([vector_of(intent, seed) for seed, intent in enumerate(intents)])
    model, _ = train(texts, intents, vectors.astype(np.float32), rejected=rejected)
    return model


@pytest.fixture(scope="module")
def model():
    return trained(rejected=0.05)


def ranked(model, text, intent):
    return model.rank([text], vector_of(intent, 999)[None].astype(np.float32))[0]


@pytest.mark.parametrize("intent", WORDS)
def test_unseen_phrase_is_ranked_first_under_its_intent(model, intent):
    assert ranked(model, f"so {WORDS[intent][0]} then", intent).intents[0] == intent


def test_ranking_holds_every_intent_once_best_first(model):
    ranking = ranked(model, "oats", "ask_fibre")
    assert sorted(ranking.intents) == sorted(WORDS)
    assert list(ranking.probabilities) == sorted(ranking.probabilities, reverse=True)
    assert sum(ranking.probabilities) == pytest.approx(1)


def test_gate_holds_foreign_phrases_above_the_threshold_and_ours_below(model):
    assert ranked(model, "football please", OUT_OF_SCOPE).foreign > model.threshold
    assert ranked(model, "oats please", "ask_fibre").foreign < model.threshold


def test_threshold_turns_away_no_more_of_ours_than_allowed(model):
    rejected = [
        ranked(model, frame.format(word), intent).foreign > model.threshold
        for intent in WORDS
        if intent != OUT_OF_SCOPE
        for word in WORDS[intent]
        for frame in FRAMES
    ]
    assert np.mean(rejected) <= 0.1


def test_gate_turns_more_away_where_more_is_allowed(model):
    assert trained(rejected=0.5).threshold < model.threshold


def test_probability_of_an_unknown_intent_is_nought(model):
    assert ranked(model, "oats", "ask_fibre").probability("ask_moon") == 0


@pytest.mark.parametrize("text", ["", "???", "zzz", "x" * 10_000, "我的孩子"])
def test_text_without_a_known_word_is_ranked_all_the_same(model, text):
    assert len(ranked(model, text, "ask_scfa").intents) == len(WORDS)


def test_saved_model_ranks_as_before(model, tmp_path):
    model.save(tmp_path / "model.npz")
    again = ranked(TopicModel.load(tmp_path / "model.npz"), "oats", "ask_fibre")
    before = ranked(model, "oats", "ask_fibre")
    assert again.intents == before.intents
    assert again.probabilities == before.probabilities
    assert again.foreign == pytest.approx(before.foreign, abs=1e-3)  # by rounded neighbours


@pytest.fixture
def component(model, monkeypatch):
    class Encoder:
        def encode(self, texts):
            return np.array([vector_of("ask_fibre", 1) for _ in texts], dtype=np.float32)

    monkeypatch.setattr("components.understanding.ahead.sentence_encoder", lambda: Encoder())
    return IntentClassifier({"rejected": 0.05}, None, Resource("x"), model)


def test_typed_words_are_ranked_with_the_gates_threshold(component, model):
    message = component.process([Message({"text": "oats please"})])[0]
    assert message.get(RANKING).intents[0] == "ask_fibre"
    assert message.get(FOREIGN_THRESHOLD) == model.threshold


@pytest.mark.parametrize("text", ["", "   ", "/ask_fibre", '/more_detail{"topic":"fibre"}'])
def test_button_or_blank_is_not_ranked(component, text):
    assert component.process([Message({"text": text})])[0].get(RANKING) is None


def test_untrained_classifier_says_so():
    component = IntentClassifier({"rejected": 0.05}, None, Resource("x"))
    with pytest.raises(AssertionError, match="before it is trained"):
        component.process([Message({"text": "oats"})])


def test_file_that_would_run_code_is_not_read(tmp_path):
    np.savez(tmp_path / "model.npz", labels=np.array([object()]))
    with pytest.raises(ValueError, match="allow_pickle"):
        TopicModel.load(tmp_path / "model.npz")


def test_nearest_phrases_are_found_without_comparing_with_all():
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(2000, DIMENSIONS)) * np.geomspace(3, 0.1, DIMENSIONS)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    phrases = Phrases(vectors[100:], np.eye(DIMENSIONS, AXES, dtype=np.float32))
    exact = np.sort(vectors[:100] @ vectors[100:].T, axis=1)[:, -NEIGHBOURS:]
    found = phrases.near(vectors[:100])
    np.testing.assert_allclose(found[:, 0], exact[:, -1], atol=1e-6)
    np.testing.assert_allclose(found[:, 1], exact.mean(axis=1), atol=1e-6)
