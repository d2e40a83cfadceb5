"""Questions about the guide itself, thumbs, and messages without words."""

import pytest

from actions.action_no_text import ActionNoText
from actions.action_service import ActionService
from editorial.replies import ABOUT_THE_GUIDE


@pytest.mark.parametrize("intent", ABOUT_THE_GUIDE)
def test_question_about_the_guide_has_its_fixed_answer(run_action, content, intent):
    reply = run_action(ActionService(), intent=intent)
    texts = content.service[ABOUT_THE_GUIDE[intent]]
    assert reply.text in [content.fill(text) for text in texts]


@pytest.mark.parametrize(("days", "said"), [("", "30 days"), ("7", "7 days"), ("0", "not set")])
def test_question_what_is_kept_says_for_how_long(run_action, monkeypatch, days, said):
    monkeypatch.setenv("RETENTION_DAYS", days)
    reply = run_action(ActionService(), intent="ask_privacy")
    assert said in reply.text and "delete my data" in reply.text


def test_thumb_down_offers_a_way_on(run_action):
    assert run_action(ActionService(), intent="feedback_bad").buttons


def test_guide_says_that_it_is_no_person(run_action):
    assert "not a person" in run_action(ActionService(), intent="bot_challenge").text


def test_message_without_words_is_told_so_with_the_emergency_numbers(run_action, content):
    reply = run_action(ActionNoText(), intent="nlu_fallback")
    assert reply.text == content.fill(content.service["no_text"][0])
    assert "000" in reply.text
    assert "111" in reply.text
