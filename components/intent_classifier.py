"""Rasa component: ranks the intents of a message with the sentence encoder and n-grams."""

from __future__ import annotations

import logging
import os
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.decision import Parts
from components.understanding.ahead import Encoded, encoded, is_worth_encoding
from components.understanding.classifier import Ranking, TopicModel
from components.understanding.encoder import sentence_encoder

logger = logging.getLogger(__name__)

RANKING = "ranking"
PARTS = "parts"
FOREIGN_THRESHOLD = "foreign_threshold"
MODEL_FILE = "topics.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Hands the ranking on to `IntentDecision`, which chooses."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: TopicModel | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @property
    def model(self) -> TopicModel | None:
        """What it ranks by; None before it is trained."""
        return self._model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`rejected`: share of our own training phrases the out-of-scope gate may turn away."""
        return {"rejected": 0.05}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, TopicModel.load(folder / MODEL_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        from components.understanding.training import train  # its libraries cost a second

        examples = training_data.intent_examples
        texts = [example.get(TEXT) for example in examples]
        logger.info("Encoding %d phrases …", len(texts))
        vectors = sentence_encoder().encode(texts, at_once=os.cpu_count() or 1)
        logger.info("Training the intent classifier and the out-of-scope gate …")
        labels = [_label(example) for example in examples]
        self._model, recall = train(texts, labels, vectors, self._config["rejected"])
        logger.info(
            "Out-of-scope gate: threshold %.3f, recall %.1f %% in cross-validation",
            self._model.threshold,
            100 * recall,
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder / MODEL_FILE)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        assert self._model is not None, "the classifier is used before it is trained"
        for message in messages:
            text = message.get(TEXT) or ""
            if is_worth_encoding(text):
                ranking, parts = self._rank(encoded(text))
                message.set(RANKING, ranking)
                message.set(PARTS, parts)
                message.set(FOREIGN_THRESHOLD, self._model.threshold)
        return messages

    def _rank(self, message: Encoded) -> tuple[Ranking, Parts]:
        """The whole for itself, and each of its parts."""
        assert self._model is not None, "the classifier is used before it is trained"
        said = message.said
        ranked = dict(zip(said.texts, message.ranked_by(self._model), strict=True))
        return ranked[said.text], Parts(
            [ranked[sentence] for sentence in said.sentences],
            [ranked[question] for question in said.questions],
        )


def _label(example: Message) -> str:
    """The intent, with the level and the flag its block in data/nlu.yml carries as metadata."""
    carried = (example.get(METADATA) or {}).get("intent", {})
    parts = [str(example.get(INTENT)), carried.get("level"), carried.get("flag")]
    return ":".join(part for part in parts if part)
