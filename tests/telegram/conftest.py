"""What the tests of the Telegram channel share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bench import Running, Scripted, serving, store_in
from bot_api import FakeBotApi

from channels.telegram import receiver as receiver_module
from channels.telegram import sending
from editorial.content import load_content
from store.forgetting_store import ForgettingTrackerStore


@pytest.fixture(scope="session")
def content():
    return load_content()


@pytest.fixture(scope="module", params=["webhook", "polling"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def api() -> Iterator[FakeBotApi]:
    with FakeBotApi().running() as api:
        yield api


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "FIRST_WAIT_SECONDS", 0.05)
        patch.setattr(sending, "LONGEST_WAIT_SECONDS", 0.5)
        patch.setattr(receiver_module, "AFTER_FAILURE_SECONDS", 0.1)
        patch.setattr(receiver_module, "AFTER_CONFLICT_SECONDS", 0.2)
        patch.setattr(receiver_module, "FINISH_SECONDS", 0.5)
        yield


@pytest.fixture(scope="module")
def bot(mode: str, api: FakeBotApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A channel for the whole module; each test has chats of its own."""
    store = store_in(tmp_path_factory.mktemp("telegram"))
    with serving(mode, api, store, Scripted()) as running:
        yield running


@pytest.fixture
def fresh(bot: Running) -> Iterator[Running]:
    bot.assistant.heard.clear()
    bot.assistant.does = None
    bot.api.faults.clear()
    yield bot
    bot.assistant.does = None
    bot.api.faults.clear()


@pytest.fixture
def start() -> Callable[..., Any]:
    """start(mode, api, store, assistant): a context in which such a channel serves."""
    return serving


@pytest.fixture
def store(tmp_path: Path) -> ForgettingTrackerStore:
    return store_in(tmp_path)
