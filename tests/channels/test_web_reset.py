"""R9: a conversation is deleted when its owner asks."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from channels import web
from channels.fallback import Fallback
from channels.sender import pseudonym
from channels.web import WebInput
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content
from store.forgetting_store import ForgettingTrackerStore, StoreFailedError

FALLBACK = Fallback(load_content(), own_gate())
KEY = b"a key that only these tests know of"


@pytest.fixture(scope="module")
def locks() -> InMemoryLockStore:
    return InMemoryLockStore()


@pytest.fixture(scope="module")
def client(serve: Callable[[Sanic], str], locks: InMemoryLockStore) -> Iterator[httpx.Client]:
    app = Sanic("test_web_reset", configure_logging=False)
    app.ctx.agent = SimpleNamespace(lock_store=locks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RATE_LIMIT", "0")
        channel = WebInput(FALLBACK, KEY, WebSettings(timeout_seconds=0.3))
        app.blueprint(channel.blueprint(lambda _: asyncio.sleep(0)), url_prefix="/webhooks/rest")
        yield httpx.Client(base_url=serve(app))


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ForgettingTrackerStore:
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    store = ForgettingTrackerStore(domain=Domain.empty(), db=str(tmp_path / "conversations.db"))
    for sender in ("ann", "bob"):
        events = [ActionExecuted("action_listen"), UserUttered("my skin is red")]
        name = pseudonym(KEY, "rest", sender)
        asyncio.run(store.save(DialogueStateTracker.from_events(name, events)))
    return store


def reset(client: httpx.Client, body: object) -> httpx.Response:
    return client.post("/webhooks/rest/reset", json=body)


def events_of(store: ForgettingTrackerStore, sender: str) -> int:
    tracker = asyncio.run(store.retrieve(pseudonym(KEY, "rest", sender)))
    return len(tracker.events) if tracker else 0


def test_the_conversation_and_no_other_is_deleted(
    client: httpx.Client, store: ForgettingTrackerStore
) -> None:
    answer = reset(client, {"sender": "ann"})
    assert (answer.status_code, answer.json()) == (200, {"deleted": 2})
    assert (events_of(store, "ann"), events_of(store, "bob")) == (0, 2)
    assert reset(client, {"sender": "ann"}).json() == {"deleted": 0}


@pytest.mark.parametrize("body", [None, [], {}, {"sender": 5}, {"sender": "a b"}, {"sender": "%"}])
def test_unreadable_request_deletes_nothing(
    client: httpx.Client, store: ForgettingTrackerStore, body: object
) -> None:
    answer = reset(client, body)
    assert answer.status_code == 400
    assert "sender" in answer.json()["error"]
    assert events_of(store, "ann") == 2


def test_store_that_fails_is_told(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: str) -> int:
        raise StoreFailedError("OperationalError")

    monkeypatch.setattr(web, "forget", fail)
    answer = reset(client, {"sender": "ann"})
    assert answer.status_code == 503
    assert "could not be deleted" in answer.json()["error"]
    assert "ann" not in caplog.text.replace("channels", "")


def test_message_that_is_being_answered_is_waited_for(
    client: httpx.Client, locks: InMemoryLockStore, store: ForgettingTrackerStore
) -> None:
    name = pseudonym(KEY, "rest", "ann")
    ticket = locks.issue_ticket(name)
    assert reset(client, {"sender": "ann"}).status_code == 503
    assert events_of(store, "ann") == 2
    locks.finish_serving(name, ticket)
    locks.delete_lock(name)
    assert reset(client, {"sender": "ann"}).json() == {"deleted": 2}


def test_deletion_leaves_no_lock_behind(client: httpx.Client, locks: InMemoryLockStore) -> None:
    assert reset(client, {"sender": "ann"}).json() == {"deleted": 2}
    assert locks.get_lock(pseudonym(KEY, "rest", "ann")) is None
