"""Rasa component: settles intent, safety level and sureness of a message."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.decision import FALLBACK, URGENT, Decision, Parts, Thresholds, decide
from components.entities.finder import PERSON
from components.intent_classifier import FOREIGN_THRESHOLD, PARTS, RANKING
from components.safety_gate import EXCUSED, FLAGS, SAFETY
from components.understanding.classifier import Ranking

DECISION = "decision"
RANKING_LENGTH = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class IntentDecision(GraphComponent):
    """Last of the pipeline; the thresholds are in `config.yml`."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "urgent": 0.2,
            "crisis": 0.3,
            "distress": 0.5,
            "same_day": 0.5,
            "excused": 0.8,
            "sentence": 0.75,
            "sure": 0.4,
            "margin": 0.2,
            "several": 0.7,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentDecision:
        return cls(Thresholds(**{name: config[name] for name in cls.get_default_config()}))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = message.get(RANKING)
            found = message.get(SAFETY) or {"level": None, "flag": None}
            if ranking is None:
                decision = Decision(FALLBACK, 0.0, found["level"], found["flag"])
            else:
                decision = decide(
                    message.get(TEXT) or "",
                    found["level"],
                    found["flag"],
                    ranking,
                    message.get(FOREIGN_THRESHOLD),
                    self._thresholds,
                    _person(message),
                    bool(message.get(EXCUSED)),
                    {entity["entity"] for entity in message.get(ENTITIES, [])},
                    message.get(PARTS) or Parts(),
                    message.get(FLAGS) or (),
                )
            _write(message, decision, ranking)
        return messages


def _person(message: Message) -> str | None:
    return next((e["value"] for e in message.get(ENTITIES, []) if e["entity"] == PERSON), None)


def _write(message: Message, decision: Decision, ranking: Ranking | None) -> None:
    intent = {"name": decision.intent, "confidence": decision.confidence}
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *_others(decision, ranking)], add_to_output=True)
    message.set(SAFETY, {"level": decision.level, "flag": decision.flag}, add_to_output=True)
    message.set(
        DECISION,
        {
            "unsure": decision.unsure,
            "candidates": decision.candidates,
            "topics": decision.topics,
            "scores": _scores(message, ranking),
        },
        add_to_output=True,
    )


def _scores(message: Message, ranking: Ranking | None) -> dict[str, float]:
    """What the thresholds are held against, for the evaluation's curves."""
    if ranking is None:
        return {}
    return {
        "foreign": ranking.foreign,
        "foreign_threshold": float(message.get(FOREIGN_THRESHOLD)),
        "urgent": ranking.probability(URGENT),
        "crisis": ranking.crisis,
    }


def _others(decision: Decision, ranking: Ranking | None) -> list[dict[str, Any]]:
    if ranking is None:
        return []
    pairs = zip(ranking.intents, ranking.probabilities, strict=True)
    others = [{"name": n, "confidence": p} for n, p in pairs if n != decision.intent]
    return others[: RANKING_LENGTH - 1]
