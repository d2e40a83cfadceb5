"""A long message is taken apart into what it tells and what it asks."""

import pytest

from components.understanding.parts import MOST_QUESTIONS, MOST_SENTENCES, questions, sentences


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "my 2 year old has eczema, we tried everything, does kefir help and is leaky gut real?",
            ["does kefir help", "is leaky gut real?"],
        ),
        (
            "My son is 2. Does diet help? And what about yoghurt?",
            ["Does diet help?", "And what about yoghurt?"],
        ),
        (
            "what is butyrate and how much fibre do i need",
            ["what is butyrate", "how much fibre do i need"],
        ),
    ],
)
def test_each_question_stands_for_itself(text, asked):
    assert questions(sentences(text)) == asked


@pytest.mark.parametrize(
    "text", ["", "?", "is dairy bad", "milk and eggs", "he itches. he scratches."]
)
def test_nothing_is_made_of_a_single_question_or_none(text):
    assert questions(sentences(text)) == []


def test_lines_are_sentences():
    assert sentences("my baby itches\nshe is grey") == ["my baby itches", "she is grey"]


def test_endless_message_costs_no_endless_work():
    text = "does it help? " * 400
    assert len(sentences(text)) == MOST_SENTENCES
    assert len(questions(sentences(text))) == MOST_QUESTIONS
    assert sentences("one line here. " * 50 + "she is grey now.")[-1] == "she is grey now."
