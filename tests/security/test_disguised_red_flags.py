"""Characters that look like others, or like nothing, hide no red flag from the gate."""

import pytest

from channels.incoming import as_words
from components.safety.gate import own_gate

EMERGENCY = "I can't breathe"
CRISIS = "I want to kill myself"

CYRILLIC = str.maketrans("aceiopxy", "асеіорху")
GREEK = str.maketrans("aiotv", "αιοτν")
FULL_WIDTH = str.maketrans({n: n + 0xFEE0 for n in range(0x21, 0x7F)})
MATHEMATICAL = str.maketrans({ord("a") + n: 0x1D41A + n for n in range(26)} | {ord("I"): 0x1D408})
LEET = str.maketrans("ia", "14")


def between(character):
    return lambda text: character.join(text)


DISGUISES = {
    "zero-width spaces": between("\u200b"),
    "zero-width joiners": between("\u200d"),
    "word joiners": between("\u2060"),
    "soft hyphens": between("\u00ad"),
    "byte order marks": between("\ufeff"),
    "left-to-right marks": between("\u200e"),
    "strike-through": between("\u0336"),
    "accents": between("\u0301"),
    "full width": lambda text: text.translate(FULL_WIDTH),
    "mathematical letters": lambda text: text.translate(MATHEMATICAL),
    "Cyrillic letters": lambda text: text.translate(CYRILLIC),
    "Greek letters": lambda text: text.translate(GREEK),
    "digits for letters": lambda text: text[0] + text[1:].translate(LEET),
    "capitals": str.upper,
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "curly apostrophe": lambda text: text.replace("'", "\u2019"),
    "right-to-left override": lambda text: f"\u202d{text}\u202c",
    "behind a slash": lambda text: f"/{text}",
    "behind control characters": lambda text: f"\x00\x1b[0m {text}",
}


@pytest.mark.parametrize("words", [EMERGENCY, CRISIS])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_disguised_red_flag_is_seen(disguise, words):
    plain = own_gate().check(words)
    seen = own_gate().check(as_words(DISGUISES[disguise](words)))
    assert (seen.level, seen.flag) == (plain.level, plain.flag)
    assert plain.level in ("E", "C")


@pytest.mark.parametrize("text", ["my 8mo has 2 spots", "vitamin b12 and h2o", "omega3 or omega 3"])
def test_digits_that_are_digits_are_left_alone(text):
    assert own_gate().check(text).level != "E"


def test_emoji_keep_what_holds_them_together():
    assert as_words("👨\u200d👩\u200d👧 ❤\ufe0f") == "👨\u200d👩\u200d👧 ❤\ufe0f"
