"""A message that is encoded ahead is understood as one that is not."""

import asyncio

import numpy as np
import pytest

from components.understanding import ahead
from components.understanding.ahead import encode_ahead, encoded
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
            await encode_ahead(text)
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
    asyncio.run(encode_ahead(text))
    assert asked == [[]]


def test_words_of_the_message_before_are_forgotten(asked):
    found = after("what is butyrate", "/next", then="what is butyrate")
    assert found.said.text == "what is butyrate"
    assert len(asked) == 3


def test_tasks_do_not_see_one_anothers_words(asked):
    async def both():
        async def one(text):
            await encode_ahead(text)
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
            await encode_ahead(text)
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
        await encode_ahead("a long sentence about many things and then some more " * 40)
        counting.cancel()

    asyncio.run(work())
    assert beats > 3
    assert ahead._ahead.get() is None
