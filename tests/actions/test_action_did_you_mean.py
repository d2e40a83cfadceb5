"""Asking back: three choices at most, people after two in a row, never a loop."""

import pytest

from actions.action_answer_topic import ActionAnswerTopic
from actions.action_did_you_mean import ActionDidYouMean
from actions.action_greet import ActionGreet
from actions.action_out_of_scope import ActionOutOfScope

CANDIDATES = ["ask_children", "ask_early_life", "ask_child_probiotics"]


@pytest.fixture
def ask_back(run_action):
    def run(slots=None, candidates=CANDIDATES):
        return run_action(ActionDidYouMean(), candidates=candidates, slots=slots)

    return run


def test_three_choices_at_most_are_offered(ask_back):
    reply = ask_back(candidates=[*CANDIDATES, "ask_fibre", "ask_scfa"])
    assert reply.buttons == ["/ask_children", "/ask_early_life", "/ask_child_probiotics"]


def test_choices_are_plain_questions_to_read_as_well(ask_back, content):
    assert content.topics["children"].question in ask_back().text


def test_conversation_intents_are_never_offered(ask_back):
    reply = ask_back(candidates=["greet", "ask_scfa", "delete_my_data"])
    assert reply.buttons == ["/ask_scfa"]


def test_emergency_intents_are_never_offered(ask_back):
    reply = ask_back(candidates=["report_gut_symptoms", "ask_scfa", "report_distress"])
    assert reply.buttons == ["/ask_scfa"]


def test_question_about_medicine_can_be_offered(ask_back):
    assert ask_back(candidates=["ask_medication", "ask_scfa"]).buttons[0] == "/ask_medication"


def test_second_time_is_worded_differently(ask_back):
    first = ask_back()
    second = ask_back(first.slots)
    assert first.texts != second.texts
    assert second.buttons == first.buttons


def test_hand_over_card_comes_after_two_in_a_row(ask_back, content):
    slots, kinds = {}, []
    for _ in range(3):
        reply = ask_back(slots)
        slots = reply.slots
        kinds.append(reply.custom["kind"])
    assert kinds == ["service", "service", "contacts"]
    assert reply.text == content.fill(content.service["hand_over"][0])


def test_hand_over_card_names_people_in_both_countries(ask_back, content):
    reply = ask_back({"not_understood": 2})
    for key in ("au_nurse_line", "nz_nurse_line", "association", "au_emergency", "nz_emergency"):
        assert content.numbers[key].display in reply.text


def test_hand_over_card_is_not_repeated_at_once(ask_back):
    card = ask_back({"not_understood": 2})
    assert ask_back(card.slots).custom["kind"] == "service"


def test_never_three_questions_back_in_a_row(ask_back):
    slots, kinds = {}, ""
    for _ in range(12):
        reply = ask_back(slots)
        slots = reply.slots
        kinds += "?" if reply.custom["kind"] == "service" else "!"
    assert "???" not in kinds


def test_answer_in_between_starts_the_count_anew(run_action, ask_back):
    twice = ask_back(ask_back().slots)
    answer = run_action(ActionAnswerTopic(), intent="ask_scfa", slots=twice.slots)
    assert ask_back(answer.slots).custom["kind"] == "service"


@pytest.mark.parametrize(
    ("action", "intent"), [(ActionGreet(), "greet"), (ActionOutOfScope(), "out_of_scope")]
)
def test_any_understood_message_starts_the_count_anew(run_action, ask_back, action, intent):
    twice = ask_back(ask_back().slots)
    between = run_action(action, intent=intent, slots=twice.slots)
    assert ask_back(between.slots).custom["kind"] == "service"


def test_first_misunderstanding_never_says_still(ask_back):
    reply = ask_back(candidates=["thanks", "feedback_good", "back"])
    assert "still" not in reply.text
