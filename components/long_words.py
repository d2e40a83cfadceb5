"""Cuts words without an end: to take one apart, spaCy needs the square of its length.

Ten thousand apostrophes in a row kept the guide busy for half a minute.
"""

import re

LONGEST_WORD = 60  # what people write is shorter; a link that is longer is not read anyway
_TOO_LONG = re.compile(rf"(\S{{{LONGEST_WORD}}})(?=\S)")


def cut_long_words(text: str) -> str:
    """`text` with a space after each 60 characters that have none between them."""
    return _TOO_LONG.sub(r"\1 ", text)


def as_read(text: str) -> str:
    """Typed words as the pipeline reads them; Rasa would take a slash in front for a command."""
    return cut_long_words(text.lstrip("/ "))
