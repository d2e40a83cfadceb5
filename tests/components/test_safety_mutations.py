"""Nothing in the pattern file is dead weight: take any part away and a promised line is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from components.safety.gate import SafetyGate
from components.safety.patterns import ORDER, Sign
from components.safety.reading import Reading

PATTERNS = Path(__file__).resolve().parents[2] / "components" / "safety" / "patterns.yml"
GATE = SafetyGate.from_file(PATTERNS)
CONCEPTS = sorted({name for sign in GATE.signs for name in sign.concepts()})

# Read once: taking a sign or a concept away does not change how a line is read.
READINGS = {
    line: GATE.reader.read(line) for sign in GATE.signs for line in (*sign.examples, *sign.counter)
}


def rank(level: str | None) -> int:
    return len(ORDER) if level is None else [*ORDER].index(level)


def without(reading: Reading, concept: str) -> Reading:
    return replace(reading, mentions={k: v for k, v in reading.mentions.items() if k != concept})


def reaches_its_level(gate: SafetyGate, sign: Sign, reading: Reading) -> bool:
    return rank(gate.judge(reading).level) <= rank(sign.level)


@pytest.mark.parametrize("sign", GATE.signs, ids=[sign.id for sign in GATE.signs])
def test_without_the_sign_an_example_is_lost(sign):
    rest = SafetyGate(GATE.reader, [other for other in GATE.signs if other is not sign])
    assert not all(reaches_its_level(rest, sign, READINGS[line]) for line in sign.examples)


@pytest.mark.parametrize("concept", CONCEPTS)
def test_without_the_concept_a_line_changes(concept):
    lines = [
        line
        for sign in GATE.signs
        if concept in sign.concepts()
        for line in (*sign.examples, *sign.counter)
    ]
    assert any(
        GATE.judge(READINGS[line]) != GATE.judge(without(READINGS[line], concept)) for line in lines
    )
