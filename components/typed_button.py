"""Rasa component: words that are the title of a button just shown count as a tap on it.

"I have eczema" alone is a statement; where the guide has just asked which path fits, it is the
answer. A red flag is never overruled, and nothing is tapped that was not offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.events import BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.intent_decision import DECISION
from components.payload import is_payload
from components.safety.gate import own_gate
from components.safety_gate import SAFETY

Button = dict[str, str]

# The classifier alone hears level G in some titles: "I have eczema" could ask for a diagnosis.
ALWAYS_HEARD = ("E", "C", "S")
# Shorter words differ by a letter and mean something else: hate and have, now and not.
SHORTEST_SLIP = 5
ALIKE = 0.8  # one letter of five or six may be wrong, missing or swapped


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class TypedButton(GraphComponent):
    """Comes last: the gate and the classifier have looked for red flags by then."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TypedButton:
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            payload = payload_of(text, list(buttons_shown(tracker)))
            if payload and not _is_red_flag(message, text):
                _tap(message, payload)
        return messages


def buttons_shown(tracker: DialogueStateTracker) -> Iterable[Button]:
    """The buttons of the last reply, all its bubbles together."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered | SessionStarted):
            return
        if isinstance(event, BotUttered):
            yield from event.data.get("buttons") or ()


def payload_of(text: str, buttons: Iterable[Button]) -> str | None:
    """What the button sends whose title `text` is, or is but for a slip of the finger.

    None where it is the title of none, or of several.
    """
    typed = _words(text)
    titled = [(_words(button["title"]), button.get("payload", "")) for button in buttons]
    for same in (_equal, _nearly_equal):
        meant = {payload for title, payload in titled if title and same(typed, title)}
        if meant:
            payload = meant.pop()
            return payload if not meant and is_payload(payload) else None
    return None


def _is_red_flag(message: Message, text: str) -> bool:
    level = (message.get(SAFETY) or {}).get("level")
    return level in ALWAYS_HEARD or own_gate().check(text).level is not None


def _tap(message: Message, payload: str) -> None:
    """Have `message` say what the tap would say; the words themselves stay."""
    tapped = YAMLStoryReader.unpack_regex_message(
        Message({TEXT: payload}), entity_extractor_name=RegexMessageHandler.__name__
    )
    for key in (INTENT, INTENT_RANKING_KEY, ENTITIES):
        message.set(key, tapped.get(key), add_to_output=True)
    message.set(SAFETY, {"level": None, "flag": None}, add_to_output=True)
    sure = {"unsure": False, "candidates": [], "topics": []}
    message.set(DECISION, (message.get(DECISION) or {}) | sure, add_to_output=True)


def _words(text: str) -> list[str]:
    """Small letters and digits alone: "Babies' first foods" and "babies first foods" are one."""
    plain = re.sub("['’]", "", text.casefold()).replace("&", " and ")
    return re.findall(r"[^\W_]+", plain)


def _equal(typed: list[str], title: list[str]) -> bool:
    return typed == title


def _nearly_equal(typed: list[str], title: list[str]) -> bool:
    # Word by word: "I have no eczema" is not "I have eczema" with a slip.
    return len(typed) == len(title) and all(map(_slipped, typed, title))


def _slipped(typed: str, meant: str) -> bool:
    if typed == meant:
        return True
    if len(meant) < SHORTEST_SLIP or not typed.isalpha() or typed[0] != meant[0]:
        return False  # the first letters tell helpful from unhelpful
    return SequenceMatcher(None, typed, meant, autojunk=False).ratio() >= ALIKE
