"""Which action a message opens the door to."""

from pathlib import Path

import pytest
import yaml

from components.door_policy import DoorPolicy

CONFIG = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "config.yml").read_text(encoding="utf-8")
)
SETTINGS = next(one for one in CONFIG["policies"] if one["name"].endswith("DoorPolicy"))


@pytest.fixture
def opened(domain, graph, tracker):
    """The (action, confidence) predicted after these events; action None for no opinion."""
    policy = DoorPolicy.create(DoorPolicy.get_default_config() | SETTINGS, *graph)

    def predict(events):
        probabilities = policy.predict_action_probabilities(tracker(events), domain).probabilities
        best = max(probabilities)
        name = domain.action_names_or_texts[probabilities.index(best)] if best else None
        return name, best

    return predict


@pytest.mark.parametrize(
    ("intent", "action"),
    [
        ("ask_scfa", "action_answer_topic"),
        ("ask_membership", "action_answer_topic"),
        ("ask_medication", "action_safety_reply"),
        ("ask_diagnosis", "action_safety_reply"),
        ("report_urgent", "action_safety_reply"),
        ("report_distress", "action_safety_reply"),
        ("affirm", "action_affirm"),
        ("deny", "action_deny"),
    ],
)
def test_intent_opens_its_door(opened, turn, intent, action):
    assert opened(turn(intent))[0] == action


@pytest.mark.parametrize("intent", ["greet", "thanks", "out_of_scope", "nlu_fallback"])
def test_manners_are_left_to_the_rules(opened, turn, intent):
    assert opened(turn(intent)) == (None, 0)


@pytest.mark.parametrize("level", ["E", "C", "S"])
@pytest.mark.parametrize("intent", ["ask_scfa", "greet", "out_of_scope", "deny"])
def test_red_flag_beats_every_other_door_for_certain(opened, turn, intent, level):
    events = turn(intent, safety={"level": level, "flag": "RF1"})
    assert opened(events) == ("action_safety_reply", 1.0)


def test_red_flag_beats_asking_back(opened, turn):
    events = turn("ask_scfa", safety={"level": "S", "flag": "RF2"}, decision={"unsure": True})
    assert opened(events)[0] == "action_safety_reply"


@pytest.mark.parametrize("flag", ["RF17", "RF18"])
def test_pregnancy_or_weak_immunity_only_changes_the_answer(opened, turn, flag):
    events = turn("ask_scfa", safety={"level": "G", "flag": flag})
    assert opened(events)[0] == "action_answer_topic"


@pytest.mark.parametrize("flag", ["RF17", "RF18"])
def test_same_flags_on_the_same_day_level_come_first(opened, turn, flag):
    events = turn("ask_scfa", safety={"level": "S", "flag": flag})
    assert opened(events)[0] == "action_safety_reply"


def test_unsure_reading_asks_back_for_certain(opened, turn):
    events = turn("ask_scfa", decision={"unsure": True})
    assert opened(events) == ("action_did_you_mean", 1.0)


def test_rule_or_story_may_go_before_an_ordinary_door(opened, turn):
    assert opened(turn("ask_scfa"))[1] < 1.0


def test_answered_message_waits_for_the_next(opened, turn):
    assert opened(turn("ask_scfa", "action_answer_topic")) == ("action_listen", 1.0)


def test_message_answered_by_somebody_else_is_left_alone(opened, turn):
    assert opened(turn("ask_scfa", "action_deny")) == (None, 0)


def test_nothing_is_opened_before_the_first_message(opened):
    assert opened([]) == (None, 0)


@pytest.fixture
def alarm(turn):
    return turn("report_urgent", "action_safety_reply", safety={"level": "E", "flag": "RF1"})


@pytest.mark.parametrize("intent", ["ask_scfa", "affirm"])
def test_going_on_as_if_there_were_no_alarm_repeats_it(opened, turn, alarm, intent):
    assert opened(alarm + turn(intent)) == ("action_safety_reply", 1.0)


def test_alarm_is_not_repeated_for_ever(opened, turn, alarm):
    repeated = turn("ask_scfa", "action_safety_reply")
    assert opened(alarm + repeated + turn("ask_scfa"))[0] == "action_answer_topic"


def test_alarm_that_was_denied_is_over(opened, turn, alarm):
    assert opened(alarm + turn("deny"))[0] == "action_deny"
    events = alarm + turn("deny", "action_deny") + turn("ask_scfa")
    assert opened(events)[0] == "action_answer_topic"


def test_repeated_alarm_waits_for_the_next_message(opened, turn, alarm):
    events = alarm + turn("ask_scfa", "action_safety_reply")
    assert opened(events) == ("action_listen", 1.0)


def test_every_door_leads_to_an_action_of_the_domain(domain):
    assert set(SETTINGS["doors"].values()) <= set(domain.action_names_or_texts)
