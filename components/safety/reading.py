"""Reads a message: which concepts it mentions, and which of them are happening now."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from components.english import common_words, english
from components.safety.lexicon import Lexicon
from components.safety.patterns import Patterns
from components.safety.tidying import tidy

NEGATION_REACH = 5
LONGEST_PHRASE = 10
STUB = 2  # "Cashew. Hives. Help!" is one sentence: so few words do not stand alone
LONGEST_SENTENCE = 60  # words; people who type without full stops still change the subject
ASKED_REACH = 25
ZONE_SECONDS = 2.0
IMAGINED_REACH = 12
OTHER_SUBJECT_REACH = 8
SENTENCE_ENDS = [".", "!", "?"]
CLAUSE_ENDS = {",", ";", ":", "(", ")", "-"}

type _Phrases = dict[str, set[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept found in the text; positions count the words that carry meaning."""

    start: int
    end: int
    sentence: int
    negators: frozenset[int] = frozenset()
    past: bool = False
    asked: bool = False


def _start(mention: Mention) -> int:
    return mention.start


@dataclass(slots=True)
class Reading:
    """Mentions by concept; `places` turns a word position into a text position.

    `figures` are mentions in a figure of speech, or of a cat or a phone: no sign is made of them.
    """

    mentions: dict[str, list[Mention]] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    figures: dict[str, list[Mention]] = field(default_factory=dict)

    def between(self, name: str, first: int, last: int) -> list[Mention]:
        """Mentions of a concept that touch the words from `first` up to `last`."""
        mentions = self.mentions.get(name, [])
        low = bisect_left(mentions, first - LONGEST_PHRASE, key=_start)
        high = bisect_right(mentions, last, key=_start)
        return [mention for mention in mentions[low:high] if mention.end >= first]

    @property
    def has_excuses(self) -> bool:
        """True where anything is denied, past, only asked about or a figure of speech."""
        mentions = (mention for mentions in self.mentions.values() for mention in mentions)
        return bool(self.figures) or any(m.negators or m.past or m.asked for m in mentions)

    def without_excuses(self) -> Reading:
        """As if nothing were denied, past, only asked about or a figure of speech."""
        bare = {
            name: sorted(
                (
                    Mention(m.start, m.end, m.sentence)
                    for mentions in (self.mentions, self.figures)
                    for m in mentions.get(name, ())
                ),
                key=_start,
            )
            for name in self.mentions.keys() | self.figures.keys()
        }
        return Reading(bare, self.places)


@dataclass(slots=True)
class _Words:
    """The message word by word, under the names the lexicon gives them."""

    names: list[str] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)
    clause: list[int] = field(default_factory=list)
    content: list[int] = field(default_factory=list)

    def add(self, name: str, sentence: int, clause: int, carries_meaning: bool) -> None:
        if carries_meaning:
            self.content.append(len(self.names))
        self.names.append(name)
        self.sentence.append(sentence)
        self.clause.append(clause)


class _Cues:
    """Where the wording around the concepts says "not", "years ago", "what if" …"""

    def __init__(
        self,
        spans: Mapping[str, Iterable[tuple[int, int]]],
        words: _Words,
        states: Iterable[tuple[int, int]],
    ) -> None:
        """`states` last: "transplant in 2019, running a fever" has no fever of 2019."""
        self.words = words
        self._since = {clause for start, end in states for clause in words.clause[start:end]}
        self._spans: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for cue, places in spans.items():
            for start, end in places:
                self._spans.setdefault((cue, words.sentence[start]), []).append((start, end))

    def at(self, cue: str, sentence: int) -> list[tuple[int, int]]:
        return self._spans.get((cue, sentence), [])

    def history(self, sentence: int, clause: int) -> list[tuple[int, int]]:
        """What makes a clause the past; that of a lasting state stays in its own clause."""
        states = self._since - {clause}
        return [at for at in self.at("history", sentence) if self.words.clause[at[0]] not in states]


class Reader:
    """Finds concepts with spaCy and marks those that are denied, past or only asked about."""

    def __init__(self, patterns: Patterns) -> None:
        self._nlp = english(SENTENCE_ENDS)
        self._fillers = patterns.fillers
        self._zone_is_free = Lock()
        self._small_words = patterns.small_words
        self._lexicon = self._build_lexicon(patterns)
        self._new_clause = frozenset(patterns.cues["new_clause"])
        self._after_and = frozenset((*patterns.cues["person"], *patterns.cues["current"]))
        self._people = patterns.people
        self._lasting = patterns.lasting
        # A trie over whole phrases: token patterns for so many phrases would each be tried
        # at every word, a hundred times slower (0.5 ms a message against 0.005).
        self._phrases: dict[str, tuple[str, ...]] = {}
        loose, literal = self._split_phrases(patterns.concepts)
        self._loose = self._phrase_matcher(loose)
        self._literal = self._phrase_matcher(literal)
        self._cues = self._phrase_matcher(self._literal_phrases(patterns.cues))
        self._phrases.clear()

    def read(self, text: str) -> Reading:
        """What stands in `text`; TimeoutError where another thread has not ended within seconds."""
        # A zone: spaCy would keep every word anybody has ever typed, 2 kB each. It frees what it
        # holds when it ends, so two threads must not be in it at once.
        if not self._zone_is_free.acquire(timeout=ZONE_SECONDS):
            raise TimeoutError
        try:
            with self._nlp.memory_zone():
                return self._read(text)
        finally:
            self._zone_is_free.release()

    def _read(self, text: str) -> Reading:
        words = self._words(text)
        content = [words.names[place] for place in words.content]
        if not content:
            return Reading()
        found = self._find(self._literal, words.names)
        for name, spans in self._find(self._loose, content).items():
            found.setdefault(name, []).extend(
                (words.content[start], words.content[end - 1] + 1) for start, end in spans
            )
        if not found:
            return Reading()
        states = [span for name in self._lasting for span in found.get(name, ())]
        cues = _Cues(self._find(self._cues, words.names), words, states)
        reading = Reading(places=words.content)
        for name, spans in found.items():
            kind = (name in self._people, name in self._lasting)
            for span in spans:
                if words.sentence[span[0]] != words.sentence[span[1] - 1]:
                    continue
                kept = reading.figures if self._is_figure(*span, cues) else reading.mentions
                kept.setdefault(name, []).append(self._mention(*span, words, cues, *kind))
        for mentions in reading.mentions.values():
            mentions.sort(key=_start)
        return reading

    # -- from text to named words ------------------------------------------------------------

    def _words(self, text: str) -> _Words:
        words = _Words()
        clause = sentence = length = 0
        for span in self._nlp(tidy(text)).sents:
            sentence, clause = sentence + (length > STUB), clause + 1
            length = length if length <= STUB else 0
            after_and = False
            for token in span:
                word = token.norm_
                if not any(map(str.isalnum, word)):
                    clause += word in CLAUSE_ENDS
                    continue
                name = self._lexicon.name(word)
                clause += name in self._new_clause or (after_and and name in self._after_and)
                after_and = name == "and"
                length += 1
                if length > LONGEST_SENTENCE:
                    sentence, clause, length = sentence + 1, clause + 1, 0
                words.add(name, sentence, clause, name not in self._fillers)
        return words

    def _build_lexicon(self, patterns: Patterns) -> Lexicon:
        stems: set[str] = {w[:-1] for w in patterns.spellings if w.endswith("*")}
        plain: set[str] = set(patterns.fillers)
        for members in (*patterns.concepts.values(), *patterns.cues.values()):
            for phrase in members:
                for word in phrase.split():
                    (stems.add(word[:-1]) if word.endswith("*") else plain.add(word))
        return Lexicon(patterns.spellings, stems, plain, patterns.ordinary, common_words())

    def _split_phrases(self, concepts: Mapping[str, Iterable[str]]) -> tuple[_Phrases, _Phrases]:
        """Phrases compared without fillers, and those that would shrink to one word.

        "skin is coming off" may be "skin just came off", but "right now" is more than "now".
        """
        loose: _Phrases = {}
        literal: _Phrases = {}
        for name, members in concepts.items():
            for words in map(self._named, members):
                content = tuple(word for word in words if word not in self._fillers)
                if len(content) < len(words) and len(set(content) - self._small_words) < 2:
                    literal.setdefault(name, set()).add(words)
                else:
                    loose.setdefault(name, set()).add(content)
        return loose, literal

    def _literal_phrases(self, cues: Mapping[str, Iterable[str]]) -> _Phrases:
        return {name: set(map(self._named, members)) for name, members in cues.items()}

    def _phrase_matcher(self, groups: _Phrases) -> PhraseMatcher:
        matcher = PhraseMatcher(self._nlp.vocab)
        for name, phrases in groups.items():
            matcher.add(name, [Doc(self._nlp.vocab, words=list(p)) for p in sorted(phrases)])
        return matcher

    def _named(self, phrase: str) -> tuple[str, ...]:
        phrase = phrase.replace("*", "")
        if phrase not in self._phrases:  # many concepts share words
            words = self._nlp.make_doc(tidy(phrase))
            self._phrases[phrase] = tuple(self._lexicon.name(word.norm_) for word in words)
        return self._phrases[phrase]

    # -- from named words to live mentions -------------------------------------------------

    def _find(self, matcher: PhraseMatcher, names: list[str]) -> dict[str, list[tuple[int, int]]]:
        doc = Doc(self._nlp.vocab, words=names)
        found: dict[str, list[tuple[int, int]]] = {}
        for key, start, end in matcher(doc):
            found.setdefault(self._nlp.vocab.strings[key], []).append((start, end))
        return found

    def _mention(
        self, start: int, end: int, words: _Words, cues: _Cues, is_who: bool, is_lasting: bool
    ) -> Mention:
        """Whom a question is about is not what it asks; what lasts does not become the past."""
        return Mention(
            start=bisect_left(words.content, start),
            end=bisect_left(words.content, end),
            sentence=words.sentence[start],
            negators=self._negators(start, words, cues),
            past=not is_lasting and self._is_past(start, end, cues),
            asked=not is_who and self._only_asked_about(start, end, cues),
        )

    def _is_figure(self, start: int, end: int, cues: _Cues) -> bool:
        idioms = cues.at("idiom", cues.words.sentence[start])
        return _inside(idioms, start, end) or self._about_another(start, cues)

    def _is_past(self, start: int, end: int, cues: _Cues) -> bool:
        """History counts unless a "now" stands by: in its own clause, if history is there too."""
        clause, sentence = cues.words.clause, cues.words.sentence[start]
        history = cues.history(sentence, clause[start])
        if not history:
            return False
        happening = [at for at, _ in cues.at("happening", sentence)]
        if any(start - 3 <= at <= end for at in happening):
            return False
        nows = [at for at, end_ in cues.at("current", sentence) if not _inside(history, at, end_)]
        if any(clause[at] == clause[start] for at, _ in history):
            nows = [at for at in nows if clause[at] == clause[start]]
        return not nows

    def _only_asked_about(self, start: int, end: int, cues: _Cues) -> bool:
        sentence = cues.words.sentence[start]
        imagined = [end_ for _, end_ in cues.at("hypothetical", sentence)]
        if any(0 <= start - cue_end <= IMAGINED_REACH for cue_end in imagined):
            return True
        asked = [end_ for at, end_ in cues.at("information", sentence)]
        if not asked or cues.at("current", sentence):
            return False
        if not cues.at("person", sentence):
            return any(abs(start - cue_end) <= ASKED_REACH for cue_end in asked)
        return any(self._governs(cue_end, start, end, ASKED_REACH, cues) for cue_end in asked)

    def _about_another(self, start: int, cues: _Cues) -> bool:
        """A cat may collapse and a phone may die, unless a person comes between."""
        others = cues.at("other_subject", cues.words.sentence[start])
        return any(self._governs(e, start, start, OTHER_SUBJECT_REACH, cues) for _, e in others)

    def _governs(self, cue_end: int, start: int, end: int, reach: int, cues: _Cues) -> bool:
        if not 0 <= start - cue_end <= reach:
            return False
        persons = cues.at("person", cues.words.sentence[start])
        return not any(cue_end <= person < end for person, _ in persons)

    def _negators(self, start: int, words: _Words, cues: _Cues) -> frozenset[int]:
        sentence = words.sentence[start]
        exempt = cues.at("not_negation", sentence)
        found = set()
        for at, end in cues.at("negation", sentence):
            if end <= start and not _inside(exempt, at, end) and _reaches(at, start, words):
                found.add(at)
        return frozenset(found)


def _reaches(negator: int, start: int, words: _Words) -> bool:
    """A "no" holds to the end of its clause, and over commas while a list with "or" runs."""
    between = words.content[bisect_left(words.content, negator) : bisect_left(words.content, start)]
    if len(between) - 1 > NEGATION_REACH:
        return False
    if words.clause[negator] == words.clause[start]:
        return True
    sentence = words.sentence[start]
    later = range(negator, min(len(words.names), start + 6))
    listed = any(words.names[i] in {"or", "nor"} and words.sentence[i] == sentence for i in later)
    return listed and words.sentence[negator] == sentence


def _inside(spans: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    return any(from_ < end and start < to for from_, to in spans)
