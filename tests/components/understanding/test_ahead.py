"""A message that is encoded ahead is understood as one that is not."""

import asyncio

import numpy as np
import pytest

from components.understanding import ahead
from components.understanding.ahead import encoded, rank_ahead
from components.understanding.encoder import sentence_encoder

LONG = "My son is 2. Does diet help? And what about yoghurt?"


@pytest.fixture
def asked(monkeypatch):
    """What the encoder is asked to encode."""
    texts = []
    stock = sentence_encoder().encode

    def encode(wanted, at_once=1):
        texts.append(list(wanted))
        return stock(wanted, at_once)

    monkeypatch.setattr(sentence_encoder(), "encode", encode)
    return texts


def after(*typed, then):
    """What `encoded` gives for `then` in a task that has encoded all of `typed` ahead."""

    async def one_task():
        for text in typed:
            await rank_ahead(text)
        return encoded(then)

    return asyncio.run(one_task())


@pytest.mark.parametrize("text", ["what is butyrate", LONG, "yes"])
def test_vectors_are_the_same_and_made_once(asked, text):
    found = after(text, then=text)
    assert len(asked) == 1
    now = encoded(text)
    assert found.said == now.said
    np.testing.assert_array_equal(found.vectors, now.vectors)


def test_text_is_taken_as_the_pipeline_reads_it(asked):
    after("/ what is butyrate", then="what is butyrate")
    assert asked == [["what is butyrate"]]


def test_another_text_gets_vectors_of_its_own(asked):
    found = after("what is butyrate", then="is leaky gut real")
    assert asked == [["what is butyrate"], ["is leaky gut real"]]
    assert found.said.text == "is leaky gut real"


@pytest.mark.parametrize(
    "text", ["", "/next", '/ask_topic{"topic": "scfa"}', "🙂🙂", "жжение кожи"]
)
def test_nothing_is_encoded_where_there_are_no_words(asked, text):
    asyncio.run(rank_ahead(text))
    assert asked == []


def test_words_of_the_message_before_are_forgotten(asked):
    found = after("what is butyrate", "/next", then="what is butyrate")
    assert found.said.text == "what is butyrate"
    assert len(asked) == 2


def test_tasks_do_not_see_one_anothers_words(asked):
    async def both():
        async def one(text):
            await rank_ahead(text)
            await asyncio.sleep(0)
            return encoded(text)

        return await asyncio.gather(one("what is butyrate"), one("is leaky gut real"))

    first, second = asyncio.run(both())
    assert (first.said.text, second.said.text) == ("what is butyrate", "is leaky gut real")
    assert len(asked) == 2


def test_tap_does_not_overtake_the_words_before_it():
    done = []

    async def both():
        async def one(text):
            await rank_ahead(text)
            done.append(text)

        await asyncio.gather(one(LONG * 5), one("/next"), one("yes"))

    asyncio.run(both())
    assert done == [LONG * 5, "/next", "yes"]


def test_encoding_leaves_the_loop_free():
    """Others are answered meanwhile: that is what it is for."""
    beats = 0

    async def count():
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.001)

    async def work():
        counting = asyncio.create_task(count())
        await rank_ahead("a long sentence about many things and then some more " * 40)
        counting.cancel()

    asyncio.run(work())
    assert beats > 3
    assert ahead._ahead.get() is None


class Model:
    """Ranks as a trained classifier does, and notes that it was asked."""

    def __init__(self):
        self.asked = []

    def rank(self, texts, vectors):
        assert len(texts) == len(vectors)
        self.asked.append(list(texts))
        return [f"ranking of {text}" for text in texts]


def ranked_after(text, ahead_by, then_by):
    async def one_task():
        await rank_ahead(text, ahead_by)
        return encoded(text).ranked_by(then_by)

    return asyncio.run(one_task())


def test_message_is_ranked_ahead_and_once():
    model = Model()
    assert ranked_after("what is butyrate", model, model) == ["ranking of what is butyrate"]
    assert model.asked == [["what is butyrate"]]


def test_another_model_ranks_for_itself():
    before, now = Model(), Model()
    assert ranked_after("what is butyrate", before, now) == ["ranking of what is butyrate"]
    assert now.asked == [["what is butyrate"]]


def test_message_is_ranked_in_its_turn_where_no_model_was_at_hand():
    model = Model()
    ranked_after(LONG, None, model)
    assert model.asked == [encoded(LONG).said.texts]


def test_what_fails_ahead_fails_the_turn_it_was_for():
    class Broken(Model):
        def rank(self, texts, vectors):
            raise MemoryError("too large")

    with pytest.raises(MemoryError):
        asyncio.run(rank_ahead("what is butyrate", Broken()))
