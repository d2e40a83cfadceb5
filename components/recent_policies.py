"""Rasa's rule and memoization policies, looking back no further than what they were taught.

Stock Rasa rebuilds the state of every past event for each prediction, so a message costs more
the longer the conversation is. Our rules and stories span one turn or two; and what was predicted
after the same intents and actions once is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from copy import copy
from functools import cached_property, partial
from typing import Any

from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

STATES_A_TURN = 2  # after the message, and after what answers it
MOST_REMEMBERED = 4096  # courses of events; then all are forgotten

_POLICY = DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT
# They change no state that a policy sees, where no slot does.
_UNSEEN = (BotUttered, SlotSet, SessionStarted, DefinePrevUserUtteredFeaturization)


def recent(tracker: DialogueStateTracker, turns: int) -> DialogueStateTracker:
    """A tracker of the last `turns`, with the slots that were set before."""
    events = list(tracker.events)
    start = _start_of_turn(events, turns)
    if start == 0:
        return tracker
    short = DialogueStateTracker(tracker.sender_id, tracker.slots.values())
    for event in (*_last_set(events[:start]), *events[start:]):
        short.update(event)
    return short


def _last_set(events: Iterable[Event]) -> Iterable[SlotSet]:
    """Of each slot the event that set it last."""
    last: dict[str, SlotSet] = {}
    for event in events:
        if isinstance(event, SlotSet):
            last[event.key] = event
        elif isinstance(event, AllSlotsReset):
            last.clear()
    return last.values()


def _start_of_turn(events: list[Event], turns: int) -> int:
    """Index of the event before the message that began the `turns`-th last turn."""
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], UserUttered):
            turns -= 1
            if turns == 0:
                return max(0, index - 1)  # the action_listen the message answered
    return 0


class _Remembering(MemoizationPolicy):
    """Remembers predictions by the course of events they follow from."""

    @cached_property
    def _known(self) -> dict[Hashable, PolicyPrediction]:
        return {}

    def _looks_closer(self) -> bool:
        """True where a prediction depends on more than intents and actions."""
        return bool(self.config["use_nlu_confidence_as_score"])

    def _predicted(
        self, tracker: DialogueStateTracker, turns: int, predict: Callable[..., PolicyPrediction]
    ) -> PolicyPrediction:
        """What `predict` says of the last `turns`, asked once for each course of events."""
        course = None if self._looks_closer() else _course(tracker, turns)
        if course is None:
            return predict(recent(tracker, turns))
        if course not in self._known:
            found = predict(recent(tracker, turns))
            if found.events or found.optional_events:
                return found
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[course] = found
        mine = copy(self._known[course])
        mine.probabilities = list(mine.probabilities)  # the ensemble writes into them
        return mine


def _course(tracker: DialogueStateTracker, turns: int) -> Hashable | None:
    """All that a policy without slots sees of the last `turns`; None where it may see more."""
    if any(slot.influence_conversation for slot in tracker.slots.values()):
        return None
    events = list(tracker.events)
    steps: list[Hashable] = []
    for event in events[_start_of_turn(events, turns) :]:
        if isinstance(event, UserUttered):
            if (
                event is not tracker.latest_message
                and event.use_text_for_featurization is not False
            ):
                return None  # its very words count, and those are not kept here
            steps.append(_said(event))
        elif isinstance(event, ActionExecuted):
            steps.append((event.action_name, event.action_text, event.hide_rule_turn))
        elif not isinstance(event, _UNSEEN):
            return None
    return tuple(steps)


def _said(message: UserUttered) -> Hashable:
    """A message as a policy sees it, but for its words: no rule asks for those of the last one."""
    seen: dict[str, Any] = message.as_sub_state() | {TEXT: bool(message.text)}
    return tuple((name, tuple(v) if isinstance(v, list) else v) for name, v in seen.items())


@DefaultV1Recipe.register(_POLICY, is_trainable=True)
class RecentRulePolicy(RulePolicy, _Remembering):
    """`RulePolicy` at a flat cost per message: Rasa lets a rule hold one turn (`restrict_rules`),
    and it sees no more.
    """

    @cached_property
    def _asks_for_words(self) -> bool:
        """True where a rule is about the words of a message, not its intent."""
        return any(f'"{TEXT}"' in rule for rule in self.lookup[RULES])

    def _looks_closer(self) -> bool:
        return super()._looks_closer() or self._asks_for_words

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        predict = partial(super().predict_action_probabilities, domain=domain, **kwargs)
        if not self.config["restrict_rules"]:
            return predict(tracker)
        return self._predicted(tracker, 1, predict)


@DefaultV1Recipe.register(_POLICY, is_trainable=True)
class RecentMemoizationPolicy(_Remembering):
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
        predict = partial(
            super().predict_action_probabilities,
            domain=domain,
            rule_only_data=rule_only_data,
            **kwargs,
        )
        most = self.config["max_history"]
        if not most:
            return predict(tracker)
        return self._predicted(tracker, max(1, most // STATES_A_TURN), predict)
