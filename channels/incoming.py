"""Tells a tapped button from typed words, whatever channel they came through."""

import json
import re
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase

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
    "restart",
)
# No setting opens these: the safety gate decides on the first, Rasa on the others.
NEVER_PAYLOADS = ("report_*", "nlu_fallback", "session_start")

PAYLOAD = re.compile(r"/([a-z_]+)(\{.*\})?")
PAYLOAD_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
PAYLOAD_VALUE = re.compile(r"[a-z0-9_]{1,40}")


def clean(message: str, payload_intents: Iterable[str] = PAYLOAD_INTENTS) -> str:
    """`message` as the assistant may read it: a button's payload, or words without command."""
    return message if is_payload(message, payload_intents) else as_words(message)


def is_payload(message: str, payload_intents: Iterable[str] = PAYLOAD_INTENTS) -> bool:
    """Whether `message` is exactly what one of our buttons sends."""
    match = PAYLOAD.fullmatch(message)
    return (
        match is not None
        and not _matches(match[1], NEVER_PAYLOADS)
        and _matches(match[1], payload_intents)
        and _has_plain_entities(match[2] or "{}")
    )


def as_words(message: str) -> str:
    """`message` without control characters and without the slash that Rasa takes as a command.

    A space before the slash would not do: Rasa strips the text before it looks.
    """
    printable = "".join(character for character in message if _may_stay(character))
    return re.sub(r"^[\s/]+", "", printable).rstrip()


def _matches(intent: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(intent, pattern) for pattern in patterns)


def _has_plain_entities(text: str) -> bool:
    try:
        entities = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(entities, dict) and all(
        PAYLOAD_KEY.fullmatch(key) and isinstance(value, str) and PAYLOAD_VALUE.fullmatch(value)
        for key, value in entities.items()
    )


def _may_stay(character: str) -> bool:
    # Cs: half a surrogate pair is legal in JSON but cannot be stored as UTF-8.
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
