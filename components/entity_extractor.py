"""Rasa component: who a question is about and what it names, as entities."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.entities.finder import EntityFinder
from components.payload import is_payload


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    """Adds `person` and `age` (one each at most), `food`, `ferment`, `strain`, `medicine`,
    `cream` and `test` to a message.
    """

    def __init__(self) -> None:
        self._finder = EntityFinder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = [] if is_payload(text) else self._finder.find(text)
            if not found:
                continue
            entities = [
                {
                    "entity": one.name,
                    "value": one.value,
                    "start": one.start,
                    "end": one.end,
                    "extractor": type(self).__name__,
                }
                for one in found
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
