"""Tells words that can be read here from other scripts and from no words at all."""

import unicodedata


def is_readable(text: str) -> bool:
    """True for words in Latin letters; false for none at all, and for other scripts."""
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return latin * 2 > len(letters)
