"""Typed words that are the title of a button just shown, and those that are not."""

from types import SimpleNamespace

import pytest
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from components import typed_button
from components.payload import is_payload
from components.safety.gate import Finding
from components.typed_button import TypedButton, payload_of
from editorial.content import load_content
from editorial.tour_replies import tour_payloads

PATHS = [
    {"title": "I have eczema", "payload": '/start_tour{"path":"me"}'},
    {"title": "I care for a child", "payload": '/start_tour{"path":"carer"}'},
]
THUMBS = [
    {"title": "Helpful", "payload": "/feedback_good"},
    {"title": "Not helpful", "payload": "/feedback_bad"},
]
STEPS = [
    {"title": "1 · What it is", "payload": '/next{"step":"1","path":"me"}'},
    {"title": "2 · What it is", "payload": '/next{"step":"2","path":"me"}'},
]


def said(words):
    return UserUttered(words, {"name": "ask_what_is_eczema", "confidence": 0.9})


def shown(*buttons):
    return BotUttered("Which path fits you?", {"buttons": list(buttons)})


@pytest.fixture
def read(tracker):
    """Reads words that the classifier took for a question, after these events."""

    def one(words, *before, level=None):
        message = Message({TEXT: words})
        message.set(INTENT, {"name": "ask_what_is_eczema", "confidence": 0.9})
        message.set(ENTITIES, [{"entity": "person", "value": "child", "start": 0, "end": 5}])
        message.set("safety", {"level": level, "flag": None})
        message.set("decision", {"unsure": True, "candidates": ["a"], "topics": ["b"]})
        TypedButton().process([message], tracker(list(before)))
        return message

    return one


def intent(message):
    return message.get(INTENT)["name"]


@pytest.mark.parametrize(
    "words",
    ["I have eczema", "i have eczema", " I HAVE ECZEMA!! ", "I have eczema.", "i have excema"],
)
def test_typed_title_is_a_tap(read, words):
    message = read(words, said("tour"), shown(*PATHS))
    assert message.get(INTENT) == {"name": "start_tour", "confidence": 1.0}
    assert [(e["entity"], e["value"]) for e in message.get(ENTITIES)] == [("path", "me")]
    assert message.get("decision") == {"unsure": False, "candidates": [], "topics": []}
    assert message.get(TEXT) == words


@pytest.mark.parametrize("level", ["E", "C", "S"])
def test_alarm_of_the_classifier_is_not_overruled(read, level):
    message = read("I have eczema", said("tour"), shown(*PATHS), level=level)
    assert intent(message) == "ask_what_is_eczema"
    assert message.get("safety")["level"] == level


@pytest.mark.parametrize("level", ["E", "C", "S", "G"])
def test_finding_of_the_gate_is_not_overruled_whatever_its_level(read, monkeypatch, level):
    gate = SimpleNamespace(check=lambda text: Finding(level, "RF1"))
    monkeypatch.setattr(typed_button, "own_gate", lambda: gate)
    message = read("I have eczema", said("tour"), shown(*PATHS), level=level)
    assert intent(message) == "ask_what_is_eczema"
    assert message.get("safety")["level"] == level


def test_doubt_of_the_classifier_alone_is_no_red_flag(read):
    message = read("I have eczema", said("tour"), shown(*PATHS), level="G")
    assert intent(message) == "start_tour"
    assert message.get("safety") == {"level": None, "flag": None}


def test_title_that_was_not_offered_is_what_it_says(read):
    assert intent(read("I have eczema")) == "ask_what_is_eczema"
    assert intent(read("I have eczema", said("hi"), shown(*THUMBS))) == "ask_what_is_eczema"


def test_buttons_of_an_earlier_reply_are_no_longer_offered(read):
    before = [said("tour"), shown(*PATHS), said("is kefir good"), shown(*THUMBS)]
    assert intent(read("I have eczema", *before)) == "ask_what_is_eczema"
    before = [said("tour"), shown(*PATHS), ActionExecuted("action_session_start"), SessionStarted()]
    assert intent(read("I have eczema", *before)) == "ask_what_is_eczema"


def test_every_bubble_of_the_last_reply_counts(read):
    before = [said("tour"), shown(*PATHS), BotUttered("And this."), SlotSet("tour", None)]
    assert intent(read("I care for a child", *before)) == "start_tour"


@pytest.mark.parametrize(
    ("words", "buttons", "payload"),
    [
        ("i care for a chidl", PATHS, '/start_tour{"path":"carer"}'),
        ("unhelpful", THUMBS, None),
        ("not helpfull", THUMBS, "/feedback_bad"),
        ("I have no eczema", PATHS, None),
        ("I don't have eczema", PATHS, None),
        ("I hate eczema", PATHS, None),
        ("I have eczema and my lips are swelling", PATHS, None),
        ("2 what it is", STEPS, '/next{"step":"2","path":"me"}'),
        ("3 what it is", STEPS, None),
        ("what it is", STEPS, None),
        ("👍", THUMBS, None),
        ("", THUMBS, None),
    ],
)
def test_slip_of_the_finger_is_told_from_other_words(words, buttons, payload):
    assert payload_of(words, buttons) == payload


def test_title_of_two_different_buttons_is_neither():
    twins = [{"title": "Back", "payload": "/back"}, {"title": "back", "payload": "/stop"}]
    assert payload_of("back", twins) is None
    assert payload_of("back", [twins[0], twins[0]]) == "/back"


def test_button_that_sends_words_is_not_tapped():
    assert payload_of("back", [{"title": "Back", "payload": "go back please"}]) is None


def test_each_button_of_the_tour_can_be_typed():
    for button in tour_payloads(load_content()):
        alone = [{"title": button.title, "payload": button.payload}]
        assert is_payload(button.payload)
        assert payload_of(button.title.upper(), alone) == button.payload
