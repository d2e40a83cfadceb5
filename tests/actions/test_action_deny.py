"""A "no": after a safety reply it takes the alarm back."""

import pytest

from actions.action_deny import ActionDeny


def test_no_after_a_safety_reply_takes_the_alarm_back(run_action, answered, content):
    reply = run_action(ActionDeny(), intent="deny", events=answered("action_safety_reply"))
    assert reply.text == content.fill(content.service["not_happening_now"][0])
    assert reply.buttons


def test_taking_an_alarm_back_still_says_whom_to_call(run_action, answered):
    reply = run_action(ActionDeny(), intent="deny", events=answered("action_safety_reply"))
    assert "000" in reply.text
    assert "111" in reply.text


@pytest.mark.parametrize("action", ["action_answer_topic", "action_greet", "action_did_you_mean"])
def test_no_after_anything_else_asks_what_else(run_action, answered, content, action):
    reply = run_action(ActionDeny(), intent="deny", events=answered(action))
    assert reply.text in content.service["anything_else"]


def test_no_as_the_first_word_asks_what_else(run_action, content):
    assert run_action(ActionDeny(), intent="deny").text in content.service["anything_else"]


def test_second_no_after_a_safety_reply_is_an_ordinary_no(run_action, answered, content):
    events = answered("action_safety_reply") + answered("action_deny")
    reply = run_action(ActionDeny(), intent="deny", events=events)
    assert reply.text in content.service["anything_else"]
