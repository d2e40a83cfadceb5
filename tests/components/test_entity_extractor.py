"""Who a question is about."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from components.entities.finder import PERSON, EntityFinder
from components.entity_extractor import EntityExtractor


@pytest.fixture(scope="module")
def person_in():
    """Who a text is found to be about, or None."""
    finder = EntityFinder()

    def found(text):
        return next((one.value for one in finder.find(text) if one.name == PERSON), None)

    return found


@pytest.fixture(scope="module")
def extractor():
    return EntityExtractor()


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("and for my baby?", "baby"),
        ("bub has dry skin", "baby"),
        ("our pēpi is itchy", "baby"),
        ("my 8 month old", "baby"),
        ("my 8-month-old", "baby"),
        ("6 weeks old", "baby"),
        ("8mo with a rash", "baby"),
        ("the newborn's skin", "baby"),
        ("my toddler scratches", "child"),
        ("our tamariki", "child"),
        ("my 2 year old", "child"),
        ("a three-year-old", "child"),
        ("my 4yr old", "child"),
        ("I am pregnant", "pregnant"),
        ("while breastfeeding", "pregnant"),
        ("hapū and itchy", "pregnant"),
        ("I have a weak immune system", "weak_immunity"),
        ("I take methotrexate", "weak_immunity"),
        ("on a JAK inhibitor", "weak_immunity"),
        ("does it work in adults", "adult"),
    ],
)
def test_person_is_found(person_in, text, person):
    assert person_in(text) == person


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("my 18 month old", "child"),
        ("my 11 yo", "child"),
        ("I'm breast-feeding", "pregnant"),
    ],
)
def test_person_is_found_in_these_words_too(person_in, text, person):
    assert person_in(text) == person


@pytest.mark.parametrize("text", ["what are scfas", "the immune system", "", "I have eczema"])
def test_nobody_is_made_up(person_in, text):
    assert person_in(text) is None


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("pregnant with a toddler at home", "pregnant"),
        ("my baby and my older child", "baby"),
        ("I'm on methotrexate and pregnant", "weak_immunity"),
        ("adults or children", "child"),
    ],
)
def test_most_particular_person_wins(person_in, text, person):
    assert person_in(text) == person


def test_harm_to_oneself_says_nothing_of_who_is_asked_about(person_in):
    assert person_in("I want to kill myself") is None


def extracted(extractor, text):
    return extractor.process([Message({"text": text})])[0].get("entities", [])


def test_entity_marks_the_words_it_was_found_in(extractor):
    (entity,) = extracted(extractor, "and for my baby?")
    assert (entity["entity"], entity["value"]) == ("person", "baby")
    assert "and for my baby?"[entity["start"] : entity["end"]] == "baby"


def test_one_person_at_most_is_taken(extractor):
    assert len(extracted(extractor, "my baby, my toddler and I, pregnant")) == 1


def test_button_is_not_searched(extractor):
    assert extracted(extractor, "/ask_child") == []


def test_message_without_text_is_left_alone(extractor):
    assert extractor.process([Message({})])[0].get("entities", []) == []
