"""Tells a tapped button from typed words, whatever channel they came through."""

import re
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase

from components.long_words import cut_long_words
from components.payload import payload_intent

# What a button may ask for; "ask_*" so that a new topic needs no change here.
PAYLOAD_INTENTS = (
    "ask_*",
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "help_menu",
    "bot_challenge",
    "more_detail",
    "start_tour",
    "next",
    "back",
    "stop",
    "feedback_good",
    "feedback_bad",
    "delete_my_data",
    "follow_up_person",
    "change_person",
    "restart",
)
SEEN = "\n\t\u200c\u200d"
# No setting opens these: the safety gate decides on the first, Rasa on the others.
NEVER_PAYLOADS = ("report_*", "nlu_fallback", "session_start")


def clean(message: str, payload_intents: Iterable[str] = PAYLOAD_INTENTS) -> str:
    """`message` as the assistant may read it: a button's payload, or words without command."""
    return message if may_be_tapped(message, payload_intents) else as_words(message)


def may_be_tapped(message: str, payload_intents: Iterable[str] = PAYLOAD_INTENTS) -> bool:
    """Whether `message` is exactly what a button sends that is allowed here."""
    intent = payload_intent(message)
    return (
        intent is not None
        and not _matches(intent, NEVER_PAYLOADS)
        and _matches(intent, payload_intents)
    )


def as_words(message: str) -> str:
    """`message` without what nobody sees and without the slash that Rasa takes as a command.

    A space before the slash would not do: Rasa strips the text before it looks.
    """
    printable = "".join(character for character in message if _may_stay(character))
    return cut_long_words(re.sub(r"^[\s/]+", "", printable).rstrip())


def _matches(intent: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(intent, pattern) for pattern in patterns)


def _may_stay(character: str) -> bool:
    # Cs: half a surrogate pair is legal in JSON but cannot be stored as UTF-8.
    # Cf has no width and hides a word from the classifier; but joiners hold emoji together.
    return character in SEEN or unicodedata.category(character) not in {"Cc", "Cs", "Cf"}
