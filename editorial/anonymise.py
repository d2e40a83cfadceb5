"""Takes out of a question what may tell who asked it, before anybody keeps it to learn from.

No list of names and no model: a word that follows "my name is" or "called", or that has a capital
letter in mid-sentence, stays only if the guide knows it. docs/privacy.md says what this misses.
"""

import re
from collections.abc import Collection, Iterable

NAME, NUMBER, ADDRESS, DATE, LINK = "[name]", "[number]", "[address]", "[date]", "[link]"

_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_STREET = (
    "(?:street|st|road|rd|avenue|ave|drive|dr|crescent|cres|court|ct|place|pl|lane|ln|terrace|tce|"
    "parade|pde|highway|hwy|close|way|boulevard|esplanade|grove)"
)
# In this order. The look-behinds keep each from being tried again inside a word it has begun.
_MARKED = (
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,255}"), "[email]"),
    (re.compile(r"\b(?:https?://|www\.)\S+", re.I), LINK),
    (re.compile(r"(?<!\w)@\w{2,}"), NAME),
    # 12/3/2019, 2019-03-12, 12 March 2019, March 12th 2019
    (re.compile(r"(?<![\d/.-])\d{1,4}([/.-])\d{1,2}\1\d{2,4}(?![\d/.-])"), DATE),
    (re.compile(rf"\b{_DAY}\s{_MONTH}(?:,?\s\d{{2,4}})?\b", re.I), DATE),
    (re.compile(rf"\b{_MONTH}\s{_DAY},?\s\d{{2,4}}\b", re.I), DATE),
    (re.compile(rf"\b\d{{1,5}}[a-z]?(?:/\d+)?\s(?:[\w']+\s){{1,3}}{_STREET}\b\.?", re.I), ADDRESS),
    (re.compile(r"\b(?:po box|postcode|post code)\s\d+\b", re.I), ADDRESS),
    # NHI numbers of New Zealand, ABC1234 and ABC12DX. Those whose check character is wrong go
    # too: a slip of the finger is still somebody's number.
    (re.compile(r"\b[A-HJ-NP-Z]{3}\s?\d{2}\s?(?:\d{2}|[A-HJ-NP-Z]{2})\b", re.I), NUMBER),
    # Telephones, Medicare and other cards: six digits or more, however they are grouped.
    (re.compile(r"(?<![\w])[+(]{0,2}\d(?:[ ()./-]{0,2}\d){5,24}(?!\w)"), NUMBER),
)
_INTRODUCED = re.compile(
    r"\b(?P<before>(?:name(?:'?s| is| was)?|named|called|i(?:'m|’m| am)|im|this is|dr|doctor|mr|"
    r"mrs|ms|miss|mx|prof|professor|nurse|aunty?|uncle|regards|cheers|from)\.?,?\s+)"
    r"(?!(?:is|was)\b)(?P<word>[^\W\d_][\w'’-]*)",
    re.I,
)
# After these comes a name, whatever the word is: "my name is Rose".
_SURELY = re.compile(r"name(?:'?s| is| was)?|named|mr|mrs|ms|mx|prof|professor", re.I)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_BEFORE_A_SENTENCE = '.!?:;"“('


class Anonymiser:
    """Marks what it takes out, so that the question stays readable."""

    def __init__(self, known_words: Iterable[str]) -> None:
        """`known_words`: words in lower case that are nobody's name."""
        self._known: Collection[str] = frozenset(known_words)

    def __call__(self, text: str) -> str:
        """`text` without addresses, numbers and names, as far as they can be told."""
        for pattern, mark in _MARKED:
            text = pattern.sub(mark, text)
        text = _INTRODUCED.sub(self._introduced, text)
        text = _WORD.sub(lambda match: self._in_mid_sentence(text, match), text)
        return re.sub(r"\[name\](?:[\s-]\[name\])+", NAME, text)

    def _introduced(self, match: re.Match[str]) -> str:
        word, cue = match["word"], match["before"].strip(" .,\t\n")
        if _SURELY.fullmatch(cue) or not self._is_known(word):
            return f"{match['before']}{NAME}"
        return match[0]

    def _in_mid_sentence(self, text: str, match: re.Match[str]) -> str:
        word, before = match[0], text[max(0, match.start() - 4) : match.start()]
        is_mark = before.endswith("[") and text[match.end() : match.end() + 1] == "]"
        if is_mark or not word[0].isupper() or self._is_known(word):
            return word
        # The first word of a sentence has a capital letter anyway; unless a name goes on there.
        goes_on = re.match(r"\s[A-Z]", text[match.end() : match.end() + 2])
        end = before.rstrip()[-1:]
        begins = not end or end in _BEFORE_A_SENTENCE
        return word if begins and not goes_on else NAME

    def _is_known(self, word: str) -> bool:
        plain = word.lower().replace("’", "'")
        return plain in self._known or plain.removesuffix("'s") in self._known
