"""Runs one action on a conversation made of slots and a last message."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import reviewed_content
from editorial.models import Content

SENDER = "5a4f6f2e-0d6e-4d6b-8f43-6f5a2b1c0d9e"


@dataclass(frozen=True)
class Outcome:
    """What an action said, and the slots as they stand afterwards."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]
    slots: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def buttons(self) -> list[str]:
        """Payloads of all buttons."""
        return [button["payload"] for message in self.messages for button in message["buttons"]]

    @property
    def custom(self) -> dict[str, Any]:
        """The first bubble's."""
        return dict(self.messages[0].get("custom") or {})


RunAction = Callable[..., Outcome]


@pytest.fixture
def run_action() -> RunAction:
    """run_action(Action(), intent=…, text=…, tapped=…, safety=…, slots=…, events=…)

    `tapped`: the topic a button carries, or all it carries by name.
    """

    def run(
        action: Action,
        *,
        intent: str = "",
        text: str = "",
        tapped: str | dict[str, str] | None = None,
        safety: dict[str, Any] | None = None,
        candidates: list[str] | None = None,
        topics: list[str] | None = None,
        named: list[str] | None = None,
        slots: dict[str, Any] | None = None,
        events: list[dict[str, Any]] | None = None,
        channel: str = "rest",
    ) -> Outcome:
        carried = {"topic": tapped} if isinstance(tapped, str) else tapped or {}
        entities = [{"entity": name, "value": value} for name, value in carried.items()]
        message = {
            "intent": {"name": intent},
            "text": text,
            "entities": [*entities, *({"entity": n, "value": n} for n in named or [])],
            "safety": safety,
            "decision": {
                "candidates": candidates or [],
                "unsure": candidates is not None,
                "topics": topics or [],
            },
        }
        before = dict(slots or {})
        user = {"event": "user", "input_channel": channel, "parse_data": message}
        tracker = Tracker(
            SENDER, before, message, [*(events or []), user], False, None, {}, "action_listen"
        )
        dispatcher = CollectingDispatcher()
        done = asyncio.run(action.run(dispatcher, tracker, {}))
        after = {event["name"]: event["value"] for event in done if event["event"] == "slot"}
        return Outcome(dispatcher.messages, done, before | after)

    return run


@pytest.fixture(scope="session")
def content() -> Content:
    return reviewed_content()


@pytest.fixture
def answered() -> Callable[[str], list[dict[str, Any]]]:
    """The events of an earlier turn that the named action answered."""

    def events(action: str) -> list[dict[str, Any]]:
        return [
            {"event": "user", "parse_data": {}},
            {"event": "action", "name": action},
            {"event": "action", "name": "action_listen"},
        ]

    return events
