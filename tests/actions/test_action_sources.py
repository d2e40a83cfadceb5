"""Where an answer comes from."""

import pytest

from actions.action_sources import ActionSources
from editorial.replies import SHOWN_SOURCES


def test_sources_are_named_with_links(run_action, content):
    reply = run_action(ActionSources(), intent="ask_sources", slots={"last_topic": "scfa"})
    for key in content.topics["scfa"].sources[:SHOWN_SOURCES]:
        assert content.sources[key].title in reply.text
        assert (content.sources[key].url or "") in reply.text


def test_three_sources_at_most_are_listed(run_action, content):
    topic = max(content.topics.values(), key=lambda topic: len(topic.sources))
    reply = run_action(ActionSources(), intent="ask_sources", slots={"last_topic": topic.id})
    assert sum(line.startswith("- ") for line in reply.text.splitlines()) <= SHOWN_SOURCES


def test_sources_say_whether_a_clinician_has_reviewed(run_action, content):
    reply = run_action(ActionSources(), intent="ask_sources", slots={"last_topic": "scfa"})
    signed = content.topics["scfa"].signed
    label = content.service["awaiting_review" if signed is None else "reviewed_on"][0]
    assert label.split("{")[0].strip() in reply.text


def test_sources_without_a_topic_speak_of_the_whole_guide(run_action, content):
    reply = run_action(ActionSources(), intent="ask_sources")
    assert reply.text == content.fill(content.service["sources_general"][0])


@pytest.mark.parametrize("topic", ["fibre", "stress"])
def test_tapped_sources_mean_the_buttons_topic(run_action, topic):
    reply = run_action(
        ActionSources(), intent="ask_sources", tapped=topic, slots={"last_topic": "scfa"}
    )
    assert reply.custom["topic"] == topic
