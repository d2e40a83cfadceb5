"""The door for topic answers: which topic, which wording, which tail."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from actions.action_answer_topic import ActionAnswerTopic
from editorial.models import Content, Topic

HOUR = 3600.0


@pytest.fixture
def long_shown() -> dict[str, float]:
    """Slots of somebody who has just seen the long disclaimer."""
    return {"long_disclaimer_at": time.time()}


def one(content: Content, holds: Callable[[Topic], bool]) -> Topic:
    return next(topic for topic in content.topics.values() if holds(topic))


def with_gp(content: Content, when: str) -> Topic:
    return one(content, lambda topic: topic.gp.when == when and topic.id != "membership")


def filled(content: Content, wordings: list[str]) -> list[str]:
    return [content.fill(wording) for wording in wordings]


def disclaimers_in(texts: list[str], wordings: list[str]) -> list[str]:
    return [text for text in texts if text in wordings]


@pytest.mark.parametrize("topic", ["probiotics", "leaky_gut", "membership"])
def test_typed_topic_is_answered(run_action, content, topic):
    reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic}", text="some words")
    assert reply.custom["topic"] == topic
    assert reply.texts[0] == content.fill(content.topics[topic].answer)


def test_tapped_topic_wins_over_typed_one(run_action):
    reply = run_action(ActionAnswerTopic(), intent="ask_probiotics", tapped="scfa")
    assert reply.custom["topic"] == "scfa"


def test_unknown_tapped_topic_falls_back_to_the_intent(run_action):
    reply = run_action(ActionAnswerTopic(), intent="ask_probiotics", tapped="nonsense")
    assert reply.custom["topic"] == "probiotics"


def test_and_for_my_baby_answers_the_last_topic_for_a_baby(run_action, content):
    slots = {"last_topic": "scfa", "person": "baby"}
    reply = run_action(ActionAnswerTopic(), intent="follow_up_person", slots=slots)
    assert reply.custom["topic"] == "scfa"
    assert reply.texts[0] == content.fill(content.topics["scfa"].variants["baby"])


def test_and_for_my_baby_without_a_topic_asks_which(run_action, content):
    reply = run_action(ActionAnswerTopic(), intent="follow_up_person", slots={"person": "baby"})
    assert reply.text in filled(content, content.service["which_topic"])
    assert reply.buttons


@pytest.mark.parametrize("person", ["baby", "child", "pregnant", "weak_immunity"])
def test_each_person_gets_the_wording_written_for_them(run_action, content, person):
    topic = one(content, lambda topic: person in topic.variants)
    reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic.id}", slots={"person": person})
    assert reply.texts[0] == content.fill(topic.variants[person])


def test_adult_gets_the_general_wording(run_action, content):
    topic = one(content, lambda topic: "baby" in topic.variants)
    reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic.id}", slots={"person": "adult"})
    assert reply.texts[0] == content.fill(topic.answer)


def test_answer_is_remembered_and_so_is_the_one_before(run_action):
    first = run_action(ActionAnswerTopic(), intent="ask_scfa")
    second = run_action(ActionAnswerTopic(), intent="ask_fibre", slots=first.slots)
    assert (second.slots["last_topic"], second.slots["topic_before"]) == ("fibre", "scfa")


def test_answer_carries_evidence_sources_and_review(run_action, content):
    custom = run_action(ActionAnswerTopic(), intent="ask_scfa").custom
    topic = content.topics["scfa"]
    assert custom["evidence"]["label"] == content.evidence[topic.evidence.rating].label
    assert len(custom["sources"]) == len(topic.sources)
    assert custom["review"]["label"]


def test_next_steps_are_more_sources_and_one_related_topic(run_action, content):
    buttons = run_action(ActionAnswerTopic(), intent="ask_scfa").buttons
    related = content.topics["scfa"].see_also[0]
    assert buttons == [
        '/more_detail{"topic":"scfa"}',
        '/ask_sources{"topic":"scfa"}',
        f"/ask_{related}",
    ]


def test_long_disclaimer_is_shown_with_the_first_answer_only(run_action, content):
    long = filled(content, content.disclaimers.long)
    first = run_action(ActionAnswerTopic(), intent="ask_scfa")
    second = run_action(ActionAnswerTopic(), intent="ask_fibre", slots=first.slots)
    assert len(disclaimers_in(first.texts, long)) == 1
    assert disclaimers_in(second.texts, long) == []


@pytest.mark.parametrize(("hours", "times"), [(23.9, 0), (24.1, 1)])
def test_long_disclaimer_comes_again_after_a_day(run_action, content, hours, times):
    slots = {"long_disclaimer_at": time.time() - hours * HOUR}
    reply = run_action(ActionAnswerTopic(), intent="ask_scfa", slots=slots)
    assert len(disclaimers_in(reply.texts, filled(content, content.disclaimers.long))) == times


def test_short_disclaimer_is_never_the_same_twice_in_a_row(run_action, content, long_shown):
    slots, seen = long_shown, []
    for topic in ["probiotics", "leaky_gut", "probiotics", "gut_testing", "child_probiotics"] * 2:
        reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic}", slots=slots)
        seen += disclaimers_in(reply.texts, filled(content, content.disclaimers.short))
        slots = reply.slots
    assert len(seen) == 10
    assert all(one != other for one, other in pairwise(seen))
    assert set(seen) == set(filled(content, content.disclaimers.short))


def test_plain_facts_need_no_disclaimer_after_the_first(run_action, content, long_shown):
    topic = one(content, lambda topic: topic.about == ["plain_facts"] and topic.gp.when == "never")
    reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic.id}", slots=long_shown)
    assert len(reply.texts) == 1


def test_plain_facts_for_a_baby_carry_a_short_disclaimer(run_action, content, long_shown):
    topic = one(content, lambda topic: topic.about == ["plain_facts"])
    slots = long_shown | {"person": "baby"}
    reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic.id}", slots=slots)
    assert disclaimers_in(reply.texts, filled(content, content.disclaimers.short))


def test_membership_never_carries_a_disclaimer(run_action):
    assert len(run_action(ActionAnswerTopic(), intent="ask_membership").texts) == 1


@pytest.mark.parametrize(
    ("when", "first", "second"), [("always", 1, 1), ("once", 1, 0), ("never", 0, 0)]
)
def test_gp_line_comes_as_often_as_the_topic_says(
    run_action, content, long_shown, when, first, second
):
    topic = with_gp(content, when)
    why = content.fill(topic.gp.why or "?")
    slots, counts = long_shown, []
    for _ in range(2):
        reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic.id}", slots=slots)
        slots = reply.slots
        counts.append(sum(text.startswith(why) for text in reply.texts))
    assert counts == [first, second]


def test_gp_line_says_what_to_ask(run_action, content, long_shown):
    topic = with_gp(content, "always")
    reply = run_action(ActionAnswerTopic(), intent=f"ask_{topic.id}", slots=long_shown)
    assert any(question in reply.text for question in topic.gp.ask)


def test_brand_is_not_judged_before_the_general_answer(run_action, content):
    reply = run_action(
        ActionAnswerTopic(), intent="ask_probiotics", text="is Inner Health any good?"
    )
    assert reply.texts[0] == content.fill(content.deflections["brand"].text)
    assert "inner health" not in reply.text.lower()
    assert reply.messages[1]["custom"]["topic"] == "probiotics"


def test_dose_is_not_given_before_the_general_answer(run_action, content):
    reply = run_action(
        ActionAnswerTopic(), intent="ask_probiotics", text="How many billion CFU per day?"
    )
    assert reply.texts[0] == content.fill(content.deflections["dose"].text)
    assert reply.messages[1]["custom"]["topic"] == "probiotics"


def test_dose_reply_lets_the_poisons_line_be_tapped(run_action, content):
    reply = run_action(ActionAnswerTopic(), intent="ask_probiotics", text="how many drops?")
    shown = {contact["display"] for contact in reply.custom["contacts"]}
    assert shown == {content.numbers[key].display for key in ("au_poisons", "nz_poisons")}


def test_how_many_people_have_eczema_is_no_question_of_dose(run_action):
    reply = run_action(
        ActionAnswerTopic(), intent="ask_what_is_eczema", text="how many people have it?"
    )
    assert reply.custom["topic"] == "what_is_eczema"


def test_answer_ends_a_run_of_misunderstandings(run_action):
    reply = run_action(ActionAnswerTopic(), intent="ask_scfa", slots={"not_understood": 2})
    assert reply.slots["not_understood"] == 0


def test_terminal_gets_words_only(run_action):
    reply = run_action(ActionAnswerTopic(), intent="ask_scfa", channel="cmdline")
    assert not any(message.get("custom") for message in reply.messages)


def test_two_questions_get_two_answers_in_their_order(run_action):
    topics = ["ask_fermented_foods", "ask_leaky_gut"]
    reply = run_action(ActionAnswerTopic(), intent="ask_leaky_gut", topics=topics)
    shown = [(m.get("custom") or {}).get("topic") for m in reply.messages]
    assert shown[:2] == ["fermented_foods", "leaky_gut"]
    assert reply.slots["last_topic"] == "leaky_gut"


def test_adult_follows_a_childrens_topic(run_action):
    slots = {"last_topic": "child_probiotics", "person": "adult"}
    reply = run_action(ActionAnswerTopic(), intent="follow_up_person", slots=slots)
    assert reply.custom["topic"] == "probiotics"
