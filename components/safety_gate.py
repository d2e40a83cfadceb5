"""Rasa component: what the safety gate finds in the words that were typed."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from components.long_words import as_read
from components.payload import is_payload
from components.safety.gate import Finding, own_gate

SAFETY = "safety"
EXCUSED = "excused"
FLAGS = "safety_flags"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyGateComponent(GraphComponent):
    """Sets `safety: {level, flag}` on every message, before anything else has read it."""

    def __init__(self) -> None:
        self.gate = own_gate()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyGateComponent:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            finding = Finding()
            if not is_payload(text):
                finding = self.gate.check(text)
                message.set(TEXT, as_read(text))
            message.set(EXCUSED, finding.excused)
            message.set(FLAGS, finding.flags)
            message.set(SAFETY, {"level": finding.level, "flag": finding.flag}, add_to_output=True)
        return messages
