"""Tells a tapped button's payload from typed text that merely starts with a slash."""

import json
import re

_SHAPE = re.compile(r"/(?P<intent>[a-z_]+)(?P<entities>\{[^{}]*\})?")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VALUE = re.compile(r"[a-z0-9_]{1,40}")


def is_payload(text: str) -> bool:
    """True for `/intent` and `/intent{"name": "identifier", …}` and nothing else.

    Values are identifiers, never sentences: nobody can hide "my lips are swelling" in one.
    """
    return payload_intent(text) is not None


def payload_intent(text: str) -> str | None:
    """The intent a button with this payload asks for; None for words."""
    match = _SHAPE.fullmatch(text)
    if match is None or not _are_identifiers(match["entities"]):
        return None
    return match["intent"]


def _are_identifiers(entities: str | None) -> bool:
    if entities is None:
        return True
    try:
        values: dict[str, object] = json.loads(entities)
    except (ValueError, RecursionError):
        return False
    return all(
        _KEY.fullmatch(key) and isinstance(value, str) and _VALUE.fullmatch(value)
        for key, value in values.items()
    )
