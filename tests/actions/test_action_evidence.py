"""How sure are we?"""

import pytest

from actions.action_evidence import ActionEvidence


@pytest.mark.parametrize("topic", ["scfa", "stress", "probiotics"])
def test_evidence_names_the_rating_and_the_reason(run_action, content, topic):
    reply = run_action(ActionEvidence(), intent="ask_evidence", slots={"last_topic": topic})
    evidence = content.topics[topic].evidence
    assert reply.text.startswith(content.evidence[evidence.rating].label)
    assert content.fill(evidence.note) in reply.text


def test_evidence_without_a_topic_asks_which(run_action, content):
    reply = run_action(ActionEvidence(), intent="ask_evidence")
    assert reply.text in content.service["which_topic"]
