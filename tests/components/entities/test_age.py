"""Ages in words, digits and shorthand."""

import pytest

from components.entities.age import ages


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("my 8mo", 8),
        ("a 3yo", 36),
        ("3 y/o girl", 36),
        ("six months old", 6),
        ("two-year-old", 24),
        ("two and a half year old", 30),
        ("1.5 year old", 18),
        ("i'm 15 and itchy", 180),
        ("an 18 month old", 18),
    ],
)
def test_age_is_read_in_months(text, months):
    assert next(ages(text)).months == pytest.approx(months)


def test_weeks_are_part_of_a_month():
    assert 1.2 < next(ages("six weeks old")).months < 1.5


@pytest.mark.parametrize(
    "text",
    ["for 3 weeks now", "it is 50% worse", "is 38.5 high", "four creams", "she's 2 weeks into it"],
)
def test_other_numbers_are_no_age(text):
    assert list(ages(text)) == []


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("11 months old", "baby"),
        ("12 months old", "child"),
        ("13yo", "teen"),
        ("18 years old", "adult"),
    ],
)
def test_age_says_who_it_is(text, person):
    assert next(ages(text)).person == person
