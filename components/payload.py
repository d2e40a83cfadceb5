"""Tells a tapped button's payload from typed text that merely starts with a slash."""

import json
import re

_SHAPE = re.compile(r"/[a-z_]+(?P<entities>\{[^{}]*\})?")
_VALUE = re.compile(r"[a-z0-9_]{1,40}")


def is_payload(text: str) -> bool:
    """True for `/intent` and `/intent{"name": "identifier", …}` and nothing else.

    Values are identifiers, never sentences: nobody can hide "my lips are swelling" in one.
    """
    match = _SHAPE.fullmatch(text.strip())
    return match is not None and _are_identifiers(match["entities"])


def _are_identifiers(entities: str | None) -> bool:
    if entities is None:
        return True
    try:
        values = json.loads(entities).values()
    except ValueError:
        return False
    return all(isinstance(value, str) and _VALUE.fullmatch(value) for value in values)
