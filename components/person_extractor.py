"""Rasa component: finds who a question is about, as the entity `person`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import spacy
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.payload import is_payload

PATTERNS = Path(__file__).with_name("person_patterns.yml")
PERSON = "person"


class PersonFinder:
    """spaCy EntityRuler over the patterns file, whose order is the order of importance."""

    def __init__(self, path: Path = PATTERNS) -> None:
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
        """(person, start, end) of the most particular person named, or None."""
        found = [(ent.label_, ent.start_char, ent.end_char) for ent in self._nlp(text).ents]
        return min(found, key=lambda hit: self.people.index(hit[0]), default=None)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PersonExtractor(GraphComponent):
    """Adds at most one entity `person` to a message."""

    def __init__(self) -> None:
        self._finder = PersonFinder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PersonExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            hit = None if is_payload(text) else self._finder.find(text)
            if hit is None:
                continue
            person, start, end = hit
            entity = {
                "entity": PERSON,
                "value": person,
                "start": start,
                "end": end,
                "extractor": type(self).__name__,
            }
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages
