"""Rasa's rule and memoization policies, looking back no further than what they were taught.

Stock Rasa rebuilds the state of every past event for each prediction, so a message costs more
the longer the conversation is. Our rules and stories span one turn or two.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

STATES_A_TURN = 2  # after the message, and after what answers it

_POLICY = DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT


def recent(tracker: DialogueStateTracker, turns: int) -> DialogueStateTracker:
    """A tracker of the last `turns` with today's slots."""
    events = list(tracker.events)
    start = _start_of_turn(events, turns)
    if start == 0:
        return tracker
    short = DialogueStateTracker(tracker.sender_id, tracker.slots.values())
    for event in events[start:]:
        short.update(event)
    for name, slot in tracker.slots.items():
        short.slots[name].value = slot.value
    return short


def _start_of_turn(events: list[Event], turns: int) -> int:
    """Index of the event before the message that began the `turns`-th last turn."""
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], UserUttered):
            turns -= 1
            if turns == 0:
                return max(0, index - 1)  # the action_listen the message answered
    return 0


@DefaultV1Recipe.register(_POLICY, is_trainable=True)
class RecentRulePolicy(RulePolicy):
    """`RulePolicy` at a flat cost per message: Rasa lets a rule hold one turn (`restrict_rules`),
    and it sees no more.
    """

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        seen = recent(tracker, 1) if self.config["restrict_rules"] else tracker
        return super().predict_action_probabilities(seen, domain, **kwargs)


@DefaultV1Recipe.register(_POLICY, is_trainable=True)
class RecentMemoizationPolicy(MemoizationPolicy):
    """`MemoizationPolicy` at a flat cost per message: `max_history` states, and not the turns
    before, so that a story is recognised however long the conversation is.
    """

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        most = self.config["max_history"]
        seen = recent(tracker, max(1, most // STATES_A_TURN)) if most else tracker
        return super().predict_action_probabilities(
            seen, domain, rule_only_data=rule_only_data, **kwargs
        )
