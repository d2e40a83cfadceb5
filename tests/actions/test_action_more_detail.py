"""Tell me more."""

from actions.action_more_detail import ActionMoreDetail


def test_more_goes_deeper_into_the_last_topic(run_action, content):
    reply = run_action(ActionMoreDetail(), intent="more_detail", slots={"last_topic": "scfa"})
    assert reply.text == content.fill(content.topics["scfa"].more)


def test_tapped_more_means_the_buttons_topic(run_action):
    reply = run_action(
        ActionMoreDetail(), intent="more_detail", tapped="fibre", slots={"last_topic": "scfa"}
    )
    assert reply.custom["topic"] == "fibre"


def test_more_without_a_topic_asks_which(run_action, content):
    reply = run_action(ActionMoreDetail(), intent="more_detail")
    assert reply.text in content.service["which_topic"]


def test_more_offers_sources_and_related_topics_but_not_itself(run_action, content):
    reply = run_action(ActionMoreDetail(), intent="more_detail", slots={"last_topic": "scfa"})
    assert '/ask_sources{"topic":"scfa"}' in reply.buttons
    assert not any(button.startswith("/more_detail") for button in reply.buttons)
    assert len(reply.buttons) <= 3
