"""The tour's actions: what Rasa hands them, and what they say, remember and count."""

import pytest

from actions import guided_tour
from actions.action_affirm import ActionAffirm
from actions.action_answer_topic import ActionAnswerTopic
from actions.action_back import ActionBack
from actions.action_deny import ActionDeny
from actions.action_greet import ActionGreet
from actions.action_more_detail import ActionMoreDetail
from actions.action_next import ActionNext
from actions.action_safety_reply import ActionSafetyReply
from actions.action_start_tour import ActionStartTour
from actions.action_stop import ActionStop

THIRD = '/next{"step":"3","path":"me"}'


@pytest.fixture
def at_step_3(run_action):
    tapped = {"step": "3", "path": "me"}
    return run_action(ActionNext(), intent="next", text=THIRD, tapped=tapped).slots


@pytest.fixture
def counted(monkeypatch):
    events = []
    monkeypatch.setattr(guided_tour, "count", events.extend)
    monkeypatch.setattr("actions.action_safety_reply.count", events.extend)
    return events


def header(reply):
    return reply.texts[-1].split("\n")[0]


def test_start_offers_the_paths(run_action, content):
    reply = run_action(ActionStartTour(), intent="start_tour", text="/start_tour")
    assert reply.buttons == [f'/start_tour{{"path":"{path}"}}' for path in content.tour.paths]


def test_path_begins_at_its_first_step_and_is_counted(run_action, counted):
    reply = run_action(ActionStartTour(), intent="start_tour", tapped={"path": "carer"})
    assert header(reply).startswith("Step 1 of 6")
    assert [event.what for event in counted] == ["started", "reached"]


def test_button_leads_to_its_step(run_action, at_step_3):
    assert at_step_3["tour"]["step"] == 3
    tapped = {"step": "2", "path": "me"}
    assert header(run_action(ActionBack(), intent="back", tapped=tapped)).startswith("Step 2")


def test_typed_next_goes_on_from_the_place_kept(run_action, at_step_3):
    reply = run_action(ActionNext(), intent="next", text="next", slots=at_step_3)
    assert header(reply).startswith("Step 4 of 6")


def test_yes_at_a_step_goes_on(run_action, at_step_3):
    reply = run_action(ActionAffirm(), intent="affirm", text="yes", slots=at_step_3)
    assert header(reply).startswith("Step 4 of 6")


def test_question_in_between_is_answered_and_the_way_back_offered(run_action, at_step_3):
    reply = run_action(ActionAnswerTopic(), intent="ask_fibre", slots=at_step_3)
    assert reply.custom["topic"] == "fibre"
    assert reply.buttons[-1] == THIRD
    back = run_action(ActionBack(), intent="back", text="go back", slots=reply.slots)
    assert header(back).startswith("Step 3 of 6")


def test_tell_me_more_at_a_step_is_about_the_step(run_action, at_step_3):
    reply = run_action(ActionMoreDetail(), intent="more_detail", slots=at_step_3)
    assert reply.custom["topic"] == "leaky_gut"


@pytest.mark.parametrize(("level", "flag"), [("E", "RF2"), ("C", "RF13"), ("S", "RF5")])
def test_red_flag_leaves_the_tour_and_keeps_the_place(run_action, at_step_3, counted, level, flag):
    safety = {"level": level, "flag": flag}
    reply = run_action(ActionSafetyReply(), safety=safety, slots=at_step_3)
    assert not [button for button in reply.buttons if "step" in button]
    assert [event.what for event in counted] == ["left"]
    after = run_action(ActionStartTour(), intent="start_tour", text="tour", slots=reply.slots)
    assert THIRD in after.buttons
    answer = run_action(ActionAnswerTopic(), intent="ask_fibre", slots=reply.slots)
    assert THIRD not in answer.buttons


def test_emergency_reply_in_the_tour_stands_alone(run_action, at_step_3):
    safety = {"level": "E", "flag": "RF2"}
    reply = run_action(ActionSafetyReply(), safety=safety, slots=at_step_3)
    assert len(reply.messages) == 1
    assert reply.buttons == []


def test_question_for_the_gp_does_not_leave_the_tour(run_action, at_step_3):
    reply = run_action(ActionSafetyReply(), intent="ask_medication", slots=at_step_3)
    assert THIRD in reply.buttons


def test_false_alarm_taken_back_offers_the_tour(run_action, at_step_3, answered):
    safety = {"level": "E", "flag": "RF2"}
    alarm = run_action(ActionSafetyReply(), safety=safety, slots=at_step_3)
    events = answered("action_safety_reply")
    reply = run_action(ActionDeny(), intent="deny", slots=alarm.slots, events=events)
    assert reply.buttons[0] == THIRD


def test_stop_in_the_tour_offers_to_go_on(run_action, at_step_3):
    reply = run_action(ActionStop(), intent="stop", slots=at_step_3)
    assert reply.buttons[0] == THIRD


def test_stop_outside_the_tour_just_stops(run_action, content):
    reply = run_action(ActionStop(), intent="stop")
    assert reply.text in content.service["stopped"]


def test_greeting_of_somebody_who_stopped_offers_to_continue(run_action, at_step_3):
    stopped = run_action(ActionStop(), intent="stop", slots=at_step_3)
    assert THIRD in run_action(ActionGreet(), intent="greet", slots=stopped.slots).buttons


def test_next_topic_after_the_tour_was_stopped_offers_both(run_action, at_step_3):
    stopped = run_action(ActionStop(), intent="stop", slots=at_step_3)
    asked = run_action(ActionAnswerTopic(), intent="ask_scfa", slots=stopped.slots)
    buttons = run_action(ActionNext(), intent="next", text="next", slots=asked.slots).buttons
    assert "/ask_fibre" in buttons
    assert buttons[-1] == THIRD


def test_terminal_without_buttons_can_walk_the_tour_by_typing(run_action):
    slots = {}
    for intent, tapped in [("start_tour", {"path": "me"}), *[("next", None)] * 3]:
        reply = run_action(
            ActionStartTour() if tapped else ActionNext(),
            intent=intent,
            text="next",
            tapped=tapped,
            slots=slots,
            channel="cmdline",
        )
        slots = reply.slots
    assert header(reply).startswith("Step 4 of 6")
