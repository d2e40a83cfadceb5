"""spaCy matchers over the two pattern files: who is asked about, and what is named."""

from dataclasses import dataclass
from pathlib import Path

import spacy
import yaml
from spacy.tokens import Doc

from components.entities.age import ages

PEOPLE = Path(__file__).with_name("people.yml")
VOCABULARY = Path(__file__).with_name("vocabulary.yml")
PERSON, AGE = "person", "age"


@dataclass(frozen=True)
class Entity:
    """`value` is the canonical name; `start` and `end` are places in the text."""

    name: str
    value: str
    start: int
    end: int


class PersonFinder:
    """spaCy EntityRuler over the patterns file, whose order is the order of importance."""

    def __init__(self, path: Path = PEOPLE) -> None:
        people = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.people = list(people)
        self._nlp = spacy.blank("en")
        ruler = self._nlp.add_pipe("entity_ruler")
        ruler.add_patterns(
            [
                {"label": person, "pattern": entry["pattern"]}
                for person, entries in people.items()
                for entry in entries
            ]
        )

    def find(self, text: str) -> tuple[str, int, int] | None:
        """(person, start, end) of the most particular person named, or None; an age counts."""
        with self._nlp.memory_zone():  # or spaCy keeps every word it has seen
            found = [(ent.label_, ent.start_char, ent.end_char) for ent in self._nlp(text).ents]
        found += [(age.person, age.start, age.end) for age in ages(text)]
        return min(found, key=lambda hit: self.people.index(hit[0]), default=None)


class VocabularyFinder:
    """spaCy EntityRuler over the vocabulary; the longest name wins."""

    def __init__(self, path: Path = VOCABULARY) -> None:
        vocabulary = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._nlp = spacy.blank("en")
        ruler = self._nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
        ruler.add_patterns(
            [
                {"label": entity, "pattern": wording, "id": value}
                for entity, values in vocabulary.items()
                for value, wordings in values.items()
                for wording in wordings
            ]
        )

    def find(self, text: str) -> list[Entity]:
        """Everything named, in order."""
        with self._nlp.memory_zone():
            doc: Doc = self._nlp(text)
            return [Entity(e.label_, e.ent_id_, e.start_char, e.end_char) for e in doc.ents]


class EntityFinder:
    """People, ages and names of one message."""

    def __init__(self) -> None:
        self._people, self._vocabulary = PersonFinder(), VocabularyFinder()

    def find(self, text: str) -> list[Entity]:
        """At most one person and the lowest age, and everything the vocabulary knows."""
        found = self._vocabulary.find(text)
        person, age = (
            self._people.find(text),
            min(ages(text), key=lambda age: age.months, default=None),
        )
        if age:
            found.insert(0, Entity(AGE, f"{age.months:.3g} months", age.start, age.end))
        if person:
            found.insert(0, Entity(PERSON, *person))
        return found
