"""Reads ages: "8mo", "3yo", "six weeks old", "two and a half year old"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MONTHS_A_YEAR = 12
WEEKS_A_MONTH = 4.345
DAYS_A_MONTH = 30.4

_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_VALUE = {word: float(number) for number, word in enumerate(_NUMBERS)} | {"a": 1.0, "an": 1.0}
_MONTHS = {"d": 1 / DAYS_A_MONTH, "w": 1 / WEEKS_A_MONTH, "m": 1.0, "y": float(MONTHS_A_YEAR)}

_AGE = re.compile(
    rf"\b(?P<number>\d{{1,2}}(?:\.5)?|{'|'.join([*_NUMBERS, 'an?'])})"
    r"(?P<half>[\s-]*(?:½|and[\s-]+a[\s-]+half))?[\s-]*"
    r"(?:(?P<short>wks?|wo|mos?|mths?|yo|y/o|yrs?|yro)(?P<after>[\s-]*olds?)?"
    r"|(?P<unit>days?|weeks?|months?|years?)[\s-]*olds?)\b",
    re.I,
)
_AGED = re.compile(
    r"\b(?:i'?m|i am|she'?s|he'?s|is|aged?|turned)\s+(?P<number>\d{1,2})\b"
    r"(?!\s*%|\s*(?:[./]\d|times|percent|kg|mg|ml|days?|weeks?|months?|degrees|minutes|hours)\b)",
    re.I,
)


@dataclass(frozen=True)
class Age:
    """`months` may be a fraction; `start` and `end` are places in the text."""

    months: float
    start: int
    end: int

    @property
    def person(self) -> str:
        """Baby under one year, child under 13, teen under 18."""
        years = self.months / MONTHS_A_YEAR
        return "baby" if years < 1 else "child" if years < 13 else "teen" if years < 18 else "adult"


def ages(text: str) -> Iterator[Age]:
    """Every age in the text, in order."""
    found = False
    for match in _AGE.finditer(text):
        found = True
        unit = (match["short"] or match["unit"]).lower()[0]
        number = match["number"].lower()
        value = _VALUE[number] if number in _VALUE else float(number)
        value += 0.5 if match["half"] else 0.0
        yield Age(value * _MONTHS[unit], *match.span())
    aged = None if found else _AGED.search(text)
    if aged:
        yield Age(float(aged["number"]) * MONTHS_A_YEAR, *aged.span("number"))
