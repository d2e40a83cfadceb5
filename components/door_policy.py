"""Policy: opens the right door for a message, whatever was going on before.

A red flag goes to the safety reply, an unsure reading to "Did you mean", and an intent to the
action that `doors` in `config.yml` names for its pattern; so a new topic needs no rule.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

SAFETY_ACTION = "action_safety_reply"
UNSURE_ACTION = "action_did_you_mean"

# These only change how a topic is answered (modifiers on any topic).
TOPIC_MODIFIERS = {"RF17", "RF18"}

# Whoever goes on with these as if no alarm had been raised is told once more.
CARRIES_ON = {"action_answer_topic", "action_affirm"}
GOES_DEEPER = {
    "more_detail",
    "next",
    "back",
    "start_tour",
    "ask_evidence",
    "follow_up_person",
    "change_person",
}
ALARMS = ("E", "C")

CERTAIN = 1.0
UNLESS_SOMETHING_FITS_BETTER = 0.9


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False
)
class DoorPolicy(Policy):
    """Looks at the last message only, so its cost does not grow with the conversation."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 10, "doors": {}}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DoorPolicy:
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DoorPolicy:
        return cls(config, model_storage, resource, execution_context)

    def _standard_featurizer(self) -> TrackerFeaturizer | None:
        return None

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        **kwargs: Any,
    ) -> Resource:
        """Nothing to learn: the doors are in `config.yml`."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        action, confidence = _next_action(tracker, self.config["doors"])
        if action in domain.action_names_or_texts:
            probabilities[domain.index_for_action(action)] = confidence
        return self._prediction(probabilities)


def _next_action(tracker: DialogueStateTracker, doors: dict[str, str]) -> tuple[str | None, float]:
    message, done = _since_last_message(tracker)
    if message is None:
        return None, 0.0
    action, confidence = _door(message, doors)
    carries_on = action in CARRIES_ON or message.intent.get("name") in GOES_DEEPER
    if carries_on and _raised_an_alarm(tracker):
        action, confidence = SAFETY_ACTION, CERTAIN
    if action and action in done:
        return ACTION_LISTEN_NAME, CERTAIN
    return (None, 0.0) if done else (action, confidence)


def _since_last_message(tracker: DialogueStateTracker) -> tuple[UserUttered | None, list[str]]:
    """The last message, and the actions that have answered it so far."""
    done: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return event, done
        if isinstance(event, ActionExecuted) and event.action_name:
            done.append(event.action_name)
    return None, done


def _raised_an_alarm(tracker: DialogueStateTracker) -> bool:
    """True when the message before the last one was answered as an emergency or a crisis."""
    messages = (event for event in reversed(tracker.events) if isinstance(event, UserUttered))
    next(messages, None)
    before = next(messages, None)
    return (
        before is not None
        and ((before.parse_data or {}).get("safety") or {}).get("level") in ALARMS
    )


def _door(message: UserUttered, doors: dict[str, str]) -> tuple[str | None, float]:
    parsed = message.parse_data or {}
    safety = parsed.get("safety") or {}
    if _needs_safety_reply(safety.get("level"), safety.get("flag")):
        return SAFETY_ACTION, CERTAIN
    if (parsed.get("decision") or {}).get("unsure"):
        return UNSURE_ACTION, CERTAIN
    intent = message.intent.get("name") or ""
    action = next((doors[pattern] for pattern in doors if fnmatchcase(intent, pattern)), None)
    return action, UNLESS_SOMETHING_FITS_BETTER


def _needs_safety_reply(level: str | None, flag: str | None) -> bool:
    return level in ("E", "C", "S") or (level == "G" and flag not in TOPIC_MODIFIERS)
