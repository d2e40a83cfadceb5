"""Greeting."""

import time

from actions.action_greet import ActionGreet


def test_first_greeting_shows_the_long_disclaimer(run_action, content):
    reply = run_action(ActionGreet(), intent="greet")
    assert reply.texts[1] == content.fill(content.disclaimers.long[0])
    assert reply.slots["long_disclaimer_at"] is not None


def test_second_greeting_is_worded_anew_without_the_long_disclaimer(run_action):
    first = run_action(ActionGreet(), intent="greet")
    second = run_action(ActionGreet(), intent="greet", slots=first.slots)
    assert len(second.texts) == 1
    assert second.texts[0] != first.texts[0]


def test_greeting_after_a_day_shows_the_long_disclaimer_in_other_words(run_action, content):
    slots = {"long_disclaimer_at": time.time() - 25 * 3600}
    reply = run_action(ActionGreet(), intent="greet", slots=slots)
    assert reply.texts[1] == content.fill(content.disclaimers.long[-1])


def test_greeting_offers_the_tour_and_first_topics(run_action):
    tour, *topics = run_action(ActionGreet(), intent="greet").buttons
    assert tour == "/start_tour"
    assert 1 <= len(topics) <= 2
    assert all(button.startswith("/ask_") for button in topics)
