"""No text makes a pattern, the gate or the scrubbing of names take more than its length is worth.

Four times the text may take ten times the processor's time; twice as much as linear would, and
a little more than half of what quadratic would.
"""

import importlib
import pkgutil
import re
import time

import pytest

import channels
import components
from channels.incoming import as_words, clean
from components.entities.finder import EntityFinder
from components.payload import payload_intent
from components.safety.gate import own_gate
from components.safety.tidying import tidy
from components.understanding.parts import questions
from editorial.anonymise import Anonymiser

SHORT, LONG = 2_500, 10_000  # characters; the longest message there is
WORST = 10.0
TOO_SHORT_TO_MEASURE = 0.03  # seconds

SEEDS = [
    *"a1 .-/'@([{\"_\n\u200b=é<",
    *["a ", "1 ", "1.", "1-", "a.", "a'", "aa1", "A ", "A1", "38.", "38 ", "12 ", "one ", "6 wk "],
    *["12 a a ", "1 january ", "12 smith ", "my name is ", "i'm ", "https://a", "{}", '{"', "() "],
    *["no ", "or ", "can't ", "breathe ", "+1 ", "...", '/next{"', "/a{", "a" * 63 + "@"],
]
END = "\0"  # what the patterns do not expect, so that they go back and try again


def modules():
    """Those that read what people write; editorial/ reads the content, which is reviewed."""
    yield importlib.import_module("editorial.anonymise")
    for package in (channels, components):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def patterns():
    """Every pattern that stands in a module's names."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
    }


PATTERNS = patterns()
ENTITIES = EntityFinder()
PARTS = {
    "tidy": tidy,
    "as_words": as_words,
    "clean": clean,
    "payload_intent": payload_intent,
    "the gate": lambda text: own_gate().check(text),
    "the entities": lambda text: ENTITIES.find(as_words(text)),
    "the questions": lambda text: questions(as_words(text)),
    "the anonymiser": Anonymiser(["the", "and"]),
}


def seconds(work, text):
    """The least of two, since the machine has other things to do."""
    spent = []
    for _ in range(2):
        begin = time.process_time()
        work(text)
        spent.append(time.process_time() - begin)
        if spent[-1] < TOO_SHORT_TO_MEASURE:
            break
    return min(spent)


def growth(work):
    """(worst factor, its seed): how much longer four times the text takes."""
    worst = (0.0, "")
    for seed in SEEDS:
        spent = seconds(work, (seed * LONG)[:LONG] + END)
        if spent >= TOO_SHORT_TO_MEASURE:
            short = seconds(work, (seed * SHORT)[:SHORT] + END)
            worst = max(worst, (spent / max(short, 1e-4), repr(seed)))
    return worst


def scan(pattern):
    def work(text):
        pattern.fullmatch(text)
        pattern.sub("", text)

    return work


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_takes_time_in_proportion_to_the_text(name):
    factor, seed = growth(scan(PATTERNS[name]))
    assert factor < WORST, f"{factor:.1f} times as long for four times {seed}"


@pytest.mark.parametrize("name", PARTS)
def test_reading_a_message_takes_time_in_proportion_to_it(name):
    factor, seed = growth(PARTS[name])
    assert factor < WORST, f"{factor:.1f} times as long for four times {seed}"


def test_pattern_that_goes_back_over_everything_is_found_out():
    """The measure itself."""
    factor, _ = growth(scan(re.compile(r"\s+$")))
    assert factor > WORST


def test_patterns_were_found():
    assert "components.safety.tidying._AGE" in PATTERNS
    assert "editorial.anonymise._INTRODUCED" in PATTERNS
    assert len(PATTERNS) > 20
