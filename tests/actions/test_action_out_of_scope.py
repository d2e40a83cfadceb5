"""What is not ours is turned away by kind."""

import pytest

from actions.action_out_of_scope import ActionOutOfScope

QUESTIONS = {
    "emergency_elsewhere": "someone here is having a heart attack",
    "other_medicine": "can I take ibuprofen",
    "other_skin_condition": "how do I get rid of blackheads",
    "other_illness": "what helps a migraine",
    "pets": "my dog scratches all day",
    "weight_and_fitness": "how do I lose weight",
    "recipes_and_cooking": "give me a recipe for scones",
    "weather": "will it rain tomorrow",
    "money": "what is a good home loan",
    "travel": "book me a flight to Perth",
}


@pytest.mark.parametrize("kind", QUESTIONS)
def test_question_is_turned_away_by_its_kind(run_action, content, kind):
    texts = next(one.texts for one in content.kinds if one.id == kind)
    reply = run_action(ActionOutOfScope(), intent="out_of_scope", text=QUESTIONS[kind])
    assert reply.text in [content.fill(text) for text in texts]


def test_another_emergency_brings_its_numbers(run_action, content):
    reply = run_action(ActionOutOfScope(), text="he has had a stroke, what do I do")
    assert {"000", "111"} <= {contact["display"] for contact in reply.custom["contacts"]}


def test_unknown_kind_gets_the_default_and_a_way_on(run_action, content):
    reply = run_action(ActionOutOfScope(), text="qwertyuiop")
    assert reply.text in [content.fill(text) for text in content.kinds[-1].texts]
    assert reply.buttons


def test_cue_counts_as_a_whole_word_only(run_action, content):
    reply = run_action(ActionOutOfScope(), text="the gymnast sang")  # cue: gym
    assert reply.text in [content.fill(text) for text in content.kinds[-1].texts]


def test_two_in_a_row_are_not_worded_the_same(run_action):
    first = run_action(ActionOutOfScope(), text="qwertyuiop")
    second = run_action(ActionOutOfScope(), text="qwertyuiop", slots=first.slots)
    assert first.text != second.text


def test_turned_away_question_brings_no_disclaimer(run_action):
    assert len(run_action(ActionOutOfScope(), text="weather in Hobart").texts) == 1
