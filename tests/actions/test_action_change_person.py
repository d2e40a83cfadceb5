"""Whoever is taken for somebody else can say so."""

from actions.action_change_person import ActionChangePerson


def test_person_is_forgotten_and_the_choices_are_offered(run_action):
    slots = {"person": "baby", "last_topic": "fibre"}
    reply = run_action(ActionChangePerson(), intent="change_person", slots=slots)
    assert reply.slots["person"] is None
    assert reply.slots["last_topic"] == "fibre"
    assert '/follow_up_person{"person":"adult"}' in reply.buttons
