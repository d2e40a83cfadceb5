"""Names the guide listens for."""

import pytest
import yaml

from components.entities.finder import VOCABULARY, EntityFinder


@pytest.fixture(scope="module")
def finder():
    return EntityFinder()


def named(finder, text):
    return {(one.name, one.value) for one in finder.find(text)}


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("is Kombucha ok", ("ferment", "kombucha")),
        ("sour kraut every day", ("ferment", "sauerkraut")),
        ("L. rhamnosus for eczema", ("strain", "lactobacillus rhamnosus gg")),
        ("after Advantan", ("medicine", "steroid cream")),
        ("dupixent and diet", ("medicine", "biologic")),
        ("which cetaphil", ("cream", "moisturiser")),
        ("an IgG test", ("test", "igg test")),
        ("peanut butter at 6 months", ("food", "peanut")),
    ],
)
def test_name_is_known_however_it_is_written(finder, text, entity):
    assert entity in named(finder, text)


def test_person_and_age_stand_beside_the_names(finder):
    assert named(finder, "kefir for my 8mo") == {
        ("person", "baby"),
        ("age", "8 months"),
        ("ferment", "kefir"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "I'm 31 weeks and like kefir",
        "im 31 wks, is kefir ok",
        "I\u2019m 31 weeks, is kefir ok",  # as a phone writes it
        "My wife is 20 weeks along",
        "twenty six weeks pregnant",
    ],
)
def test_weeks_of_a_pregnancy_tell_who_is_asked_about_and_no_age(finder, text):
    found = named(finder, text)
    assert ("person", "pregnant") in found
    assert "age" not in dict(found)


@pytest.mark.parametrize(
    "text",
    ["I'm 6 weeks into the diet", "I'm 8 weeks off steroids", "Due on Monday for a scan", "my bf"],
)
def test_other_weeks_are_no_pregnancy(finder, text):
    assert ("person", "pregnant") not in named(finder, text)


def test_youngest_age_counts(finder):
    assert ("age", "6 months") in named(finder, "mum, 30 years old, with a 6 month old")


def test_places_mark_the_words(finder):
    text = "does water kefir help"
    assert [text[one.start : one.end] for one in finder.find(text)] == ["water kefir"]


def test_no_wording_stands_under_two_names_of_one_kind():
    for values in yaml.safe_load(VOCABULARY.read_text(encoding="utf-8")).values():
        wordings = [wording for wordings in values.values() for wording in wordings]
        assert len(wordings) == len(set(wordings))
