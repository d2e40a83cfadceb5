"""Next, back and the menu."""

from actions.action_answer_topic import ActionAnswerTopic
from actions.action_back import ActionBack
from actions.action_next import ActionNext
from actions.action_show_menu import ActionShowMenu


def test_next_offers_topics_related_to_the_last_one(run_action, content):
    reply = run_action(ActionNext(), intent="next", slots={"last_topic": "scfa"})
    assert reply.buttons == [f"/ask_{topic}" for topic in content.topics["scfa"].see_also[:3]]


def test_next_at_the_start_offers_first_topics(run_action):
    assert "/ask_what_is_eczema" in run_action(ActionNext(), intent="next").buttons


def test_back_answers_the_topic_before(run_action):
    first = run_action(ActionAnswerTopic(), intent="ask_scfa")
    second = run_action(ActionAnswerTopic(), intent="ask_fibre", slots=first.slots)
    assert run_action(ActionBack(), intent="back", slots=second.slots).custom["topic"] == "scfa"


def test_back_twice_returns_to_where_one_was(run_action):
    slots = {"last_topic": "fibre", "topic_before": "scfa"}
    first = run_action(ActionBack(), intent="back", slots=slots)
    second = run_action(ActionBack(), intent="back", slots=first.slots)
    assert second.custom["topic"] == "fibre"


def test_back_at_the_start_says_there_is_nothing_before(run_action, content):
    reply = run_action(ActionBack(), intent="back")
    assert reply.text == content.service["no_topic_before"][0]
    assert reply.buttons


def test_menu_lists_only_topics_that_exist(run_action, content):
    buttons = run_action(ActionShowMenu(), intent="help_menu").buttons
    assert len(buttons) >= 6
    assert all(button.removeprefix("/ask_") in content.topics for button in buttons)
