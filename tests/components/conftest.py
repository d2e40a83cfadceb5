"""Conversations for the policies to look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    DefinePrevUserUtteredFeaturization,
    Event,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def domain() -> Domain:
    return Domain.load(str(PROJECT / "domain.yml"))


@pytest.fixture
def turn() -> Callable[..., list[Event]]:
    """The events of a message; with `answers`, also of what answered it."""

    def events(intent: str, *answers: str, **parsed: Any) -> list[Event]:
        said = UserUttered(
            intent.replace("_", " "), {"name": intent, "confidence": 1.0}, parse_data=None
        )
        said.parse_data |= parsed
        # As Rasa notes it with the first answer.
        by_intent = [DefinePrevUserUtteredFeaturization(False)] if answers else []
        done = [ActionExecuted(answer) for answer in answers]
        return [ActionExecuted("action_listen"), said, *by_intent, *done]

    return events


@pytest.fixture
def tracker(domain: Domain) -> Callable[[list[Event]], DialogueStateTracker]:
    def build(events: list[Event]) -> DialogueStateTracker:
        return DialogueStateTracker.from_events("visitor", events, domain.slots)

    return build


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """(model storage, resource, execution context), as Rasa hands them to a component."""
    storage = LocalModelStorage(tmp_path_factory.mktemp("storage"))
    return storage, Resource("policy"), ExecutionContext(GraphSchema({}))
