"""Safety replies: first and, at E and C, alone."""

import pytest

from actions.action_safety_reply import ActionSafetyReply

FOUND_E = {"level": "E", "flag": "RF1"}
FOUND_C = {"level": "C", "flag": "RF13"}
# Replies that point to poisons lines and helplines name the emergency numbers too.
INTENT_OF = {"E": "report_urgent", "C": "report_distress", "S": "report_skin_infection"}


@pytest.mark.parametrize("found", [FOUND_E, FOUND_C])
def test_emergency_and_crisis_replies_stand_alone(run_action, content, found):
    reply = run_action(ActionSafetyReply(), intent=INTENT_OF[found["level"]], safety=found)
    assert len(reply.texts) == 1
    assert reply.buttons == []
    disclaimers = [content.fill(text) for text in content.disclaimers.long]
    assert not any(text in reply.text for text in disclaimers + content.disclaimers.short)


@pytest.mark.parametrize("found", [FOUND_E, FOUND_C])
def test_emergency_and_crisis_replies_name_both_countries_numbers(run_action, found):
    reply = run_action(ActionSafetyReply(), intent=INTENT_OF[found["level"]], safety=found)
    assert "000" in reply.text
    assert "111" in reply.text
    assert {"AU", "NZ"} <= {contact["country"] for contact in reply.custom["contacts"]}


def test_first_answer_ever_brings_no_disclaimer_when_it_is_an_emergency(run_action):
    reply = run_action(ActionSafetyReply(), intent="report_urgent", safety=FOUND_E)
    assert reply.slots.get("long_disclaimer_at") is None


def test_emergency_of_unknown_kind_still_gets_an_emergency_reply(run_action, content):
    reply = run_action(
        ActionSafetyReply(), intent="report_urgent", safety={"level": "E", "flag": None}
    )
    assert reply.text == content.fill(content.service["emergency_kind_unknown"][0])
    assert reply.custom["level"] == "E"
    assert reply.buttons == []


def test_same_day_reply_leads_on_to_help(run_action):
    reply = run_action(
        ActionSafetyReply(), intent="report_skin_infection", safety={"level": "S", "flag": "RF5"}
    )
    assert reply.custom["level"] == "S"
    assert reply.buttons == ["/ask_seek_help", "/ask_who_to_see"]


def test_same_day_reply_inside_a_topic_leads_back_to_the_topic(run_action):
    reply = run_action(
        ActionSafetyReply(), intent="ask_fermented_foods", safety={"level": "S", "flag": "RF2"}
    )
    assert reply.buttons == ["/ask_fermented_foods"]


def test_same_day_reply_says_what_to_ask(run_action, content):
    reply = run_action(
        ActionSafetyReply(), intent="report_skin_infection", safety={"level": "S", "flag": "RF5"}
    )
    assert content.flags["RF5"].replies["S"].gp_ask[0] in reply.text


@pytest.mark.parametrize(
    ("intent", "flag"), [("ask_medication", "RF15"), ("ask_diagnosis", "RF21")]
)
def test_tapped_safety_button_gets_the_reply_of_its_intent(run_action, content, intent, flag):
    reply = run_action(ActionSafetyReply(), intent=intent)
    assert reply.text.startswith(content.fill(content.flags[flag].replies["G"].text))
    assert reply.custom["level"] == "G"


def test_yes_repeats_the_reply_that_was_given(run_action, content):
    before = [{"event": "user", "parse_data": {"safety": FOUND_C}}]
    reply = run_action(ActionSafetyReply(), intent="affirm", events=before)
    assert reply.custom["level"] == "C"
    assert reply.text == content.fill(content.flags["RF13"].replies["C"].text)


def test_repeat_without_any_finding_is_the_general_emergency_reply(run_action, content):
    reply = run_action(ActionSafetyReply(), intent="affirm")
    assert reply.text == content.fill(content.service["emergency_kind_unknown"][0])


def test_terminal_reads_the_numbers_as_lines(run_action, content):
    reply = run_action(
        ActionSafetyReply(), intent="report_distress", safety=FOUND_C, channel="cmdline"
    )
    for key in content.flags["RF13"].replies["C"].contacts:
        assert content.numbers[key].display in reply.text


def test_safety_reply_ends_a_run_of_misunderstandings(run_action):
    reply = run_action(
        ActionSafetyReply(), intent="report_urgent", safety=FOUND_E, slots={"not_understood": 2}
    )
    assert reply.slots["not_understood"] == 0
