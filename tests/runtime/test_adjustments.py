"""Rasa does the same with less: what is copied is equal, and apart."""

import copy

import pytest
from rasa.core import processor
from rasa.core.policies import memoization, rule_policy
from rasa.shared.core.slots import AnySlot, TextSlot
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
