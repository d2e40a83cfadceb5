"""A "yes"."""

from actions.action_affirm import ActionAffirm


def test_yes_after_an_answer_means_tell_me_more(run_action, content):
    reply = run_action(ActionAffirm(), intent="affirm", slots={"last_topic": "scfa"})
    assert reply.text == content.fill(content.topics["scfa"].more)


def test_yes_to_nothing_shows_the_menu(run_action, content):
    reply = run_action(ActionAffirm(), intent="affirm")
    assert reply.text in content.service["menu"]
    assert reply.buttons
