"""spaCy matchers over the two pattern files: who is asked about, and what is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from spacy.language import Language
from spacy.pipeline import EntityRuler
from spacy.tokens import Doc, Span

from components.english import english
from components.entities.age import Age, ages
from components.safety.tidying import weeks_of_pregnancy

PEOPLE = Path(__file__).with_name("people.yml")
VOCABULARY = Path(__file__).with_name("vocabulary.yml")
PERSON, AGE = "person", "age"
PREGNANT = "pregnant"


@dataclass(frozen=True)
class Entity:
    """`value` is the canonical name; `start` and `end` are places in the text."""

    name: str
    value: str
    start: int
    end: int


class PersonFinder:
    """spaCy EntityRuler over the patterns file, whose order is the order of importance."""

    def __init__(self, nlp: Language, path: Path = PEOPLE) -> None:
        people = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.people = list(people)
        self._ruler = EntityRuler(nlp)
        self._ruler.add_patterns(
            [
                {"label": person, "pattern": entry["pattern"]}
                for person, entries in people.items()
                for entry in entries
            ]
        )

    def find(
        self, doc: Doc, told: Iterable[Age], pregnancies: Iterable[tuple[int, int]]
    ) -> tuple[str, int, int] | None:
        """(person, start, end) of the most particular person named, or None; an age counts, and so
        do weeks of a pregnancy.
        """
        found = [(ent.label_, ent.start_char, ent.end_char) for ent in _ents(self._ruler, doc)]
        found += [(age.person, age.start, age.end) for age in told]
        found += [(PREGNANT, start, end) for start, end in pregnancies]
        return min(found, key=lambda hit: self.people.index(hit[0]), default=None)


class VocabularyFinder:
    """spaCy EntityRuler over the vocabulary; the longest name wins."""

    def __init__(self, nlp: Language, path: Path = VOCABULARY) -> None:
        vocabulary = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._ruler = EntityRuler(nlp, phrase_matcher_attr="LOWER")
        self._ruler.add_patterns(
            [
                {"label": entity, "pattern": wording, "id": value}
                for entity, values in vocabulary.items()
                for value, wordings in values.items()
                for wording in wordings
            ]
        )

    def find(self, doc: Doc) -> list[Entity]:
        """Everything named, in order."""
        return [
            Entity(ent.label_, ent.ent_id_, ent.start_char, ent.end_char)
            for ent in _ents(self._ruler, doc)
        ]


class EntityFinder:
    """People, ages and names of one message, which is split into words once."""

    def __init__(self) -> None:
        self._nlp = english()
        self._people, self._vocabulary = PersonFinder(self._nlp), VocabularyFinder(self._nlp)

    def find(self, text: str) -> list[Entity]:
        """At most one person and the lowest age, and everything the vocabulary knows."""
        pregnancies = weeks_of_pregnancy(text)
        told = [age for age in ages(text) if not _is_within(age, pregnancies)]
        with self._nlp.memory_zone():  # or spaCy keeps every word it has seen
            doc = self._nlp.make_doc(text)
            found = self._vocabulary.find(doc)
            person = self._people.find(doc, told, pregnancies)
        if told:
            age = min(told, key=lambda age: age.months)
            found.insert(0, Entity(AGE, f"{age.months:.3g} months", age.start, age.end))
        if person:
            found.insert(0, Entity(PERSON, *person))
        return found


def _is_within(age: Age, places: Iterable[tuple[int, int]]) -> bool:
    return any(start <= age.start and age.end <= end for start, end in places)


def _ents(ruler: EntityRuler, doc: Doc) -> tuple[Span, ...]:
    """What this ruler alone finds."""
    doc.set_ents([])
    return tuple(ruler(doc).ents)
