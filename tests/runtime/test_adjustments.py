"""Rasa does the same with less: what is copied is equal, and apart."""

import copy

import pytest
from rasa.core import processor
from rasa.core.policies import memoization, rule_policy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message


@pytest.fixture
def phrase():
    return Message.build("what is butyrate", "ask_scfa", [{"entity": "food", "value": "fibre"}])


def test_copied_phrase_is_equal(phrase):
    twin = copy.deepcopy(phrase)
    assert twin == phrase
    assert hash(twin) == hash(phrase)
    assert twin.as_dict() == phrase.as_dict()


def test_copied_phrase_goes_its_own_way(phrase):
    twin = copy.deepcopy(phrase)
    twin.get(ENTITIES)[0]["value"] = "bread"
    twin.set(INTENT, "ask_fibre", add_to_output=True)
    assert phrase.get(ENTITIES)[0]["value"] == "fibre"
    assert phrase.get(INTENT) == "ask_scfa"
    assert INTENT not in phrase.output_properties


def test_fingerprint_follows_a_change_and_only_that(phrase):
    before = phrase.fingerprint()
    phrase.set(TEXT, "what is butyrate")
    assert phrase._cached_fingerprint == before
    phrase.set(TEXT, "what are ketones")
    assert phrase.fingerprint() != before


def test_property_that_is_set_anew_can_become_output(phrase):
    phrase.set(INTENT, "ask_scfa", add_to_output=True)
    assert phrase.as_dict(only_output_properties=True)[INTENT] == "ask_scfa"


def test_copied_slot_is_equal_and_goes_its_own_way():
    for slot in (TextSlot("person", mappings=[{}]), AnySlot("tour", mappings=[{}])):
        slot.value = "baby"
        twin = copy.copy(slot)
        assert type(twin) is type(slot)
        assert (twin.name, twin.value, twin.mappings) == (slot.name, "baby", slot.mappings)
        twin.value = "child"
        assert slot.value == "baby"


@pytest.mark.parametrize("module", [processor, memoization, rule_policy])
def test_nothing_is_copied_for_the_log(module):
    value = [{"a": 1}]
    assert module.copy.deepcopy(value) is value


@pytest.fixture(scope="module")
def domain(request):
    return Domain.load(str(request.config.rootpath / "domain.yml"))


@pytest.fixture
def conversation(domain):
    events = [
        ActionExecuted("action_listen"),
        UserUttered("hi", {"name": "greet"}),
        SlotSet("person", "baby"),
        ActionExecuted("action_greet"),
        BotUttered("Hello"),
        ActiveLoop("a_form"),
        SlotSet("person", "child"),
        ActionExecuted("action_listen"),
        UserUttered("thanks", {"name": "thanks"}),
    ]
    return DialogueStateTracker.from_events("somebody", events, domain.slots)


def test_copied_conversation_is_what_its_events_say(conversation):
    replayed = conversation.travel_back_in_time(float("inf"))
    twin = conversation.copy()
    assert twin == replayed
    assert twin.current_state() == replayed.current_state()
    assert twin.latest_message is replayed.latest_message


def test_copied_conversation_goes_its_own_way(conversation):
    before = conversation.current_state()
    twin = conversation.copy()
    twin.update(SlotSet("person", "teen"))
    twin.update(ActiveLoop(None))
    twin.update(ActionExecuted("utter_thanks"))
    assert conversation.current_state() == before
    assert len(twin.events) == len(conversation.events) + 3


def test_domain_says_whether_it_is_empty_and_is_asked_once(domain, monkeypatch):
    assert Domain.empty().is_empty()
    assert not domain.is_empty()
    monkeypatch.setattr(Domain, "empty", None)
    assert not domain.is_empty()


def test_event_is_of_its_kind_and_of_those_above_it():
    said = UserUttered("hi")
    assert isinstance(said, UserUttered)
    assert isinstance(said, Event)
    assert not isinstance(said, BotUttered)
    assert not isinstance("hi", Event)
    with pytest.raises(TypeError, match="abstract"):
        Event()


def test_event_kinds_are_told_without_asking_the_abstract_class():
    assert {type(kind).__instancecheck__ for kind in (Event, UserUttered, ActionExecuted)} == {
        type.__instancecheck__
    }
