"""The tracker store that can forget, on a real SQLite file."""

import asyncio
import sqlite3

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from runtime import forgetting_store
from runtime.forgetting_store import (
    FORGET_SLOT,
    ForgettingTrackerStore,
    StoreFailedError,
    forget,
)

SECRET = "my skin is as red as a pillar box"
DOMAIN = Domain.from_yaml(
    f"""
version: "3.1"
intents: [greet]
slots:
  {FORGET_SLOT}:
    type: any
    influence_conversation: false
    mappings: [{{type: custom}}]
"""
)


@pytest.fixture(autouse=True)
def no_store_yet(monkeypatch):
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)


@pytest.fixture
def database(tmp_path):
    return tmp_path / "conversations.db"


@pytest.fixture
def store(database):
    return ForgettingTrackerStore(domain=DOMAIN, dialect="sqlite", db=str(database))


def conversation(sender, *more, turns=1):
    turn = [ActionExecuted("action_listen"), UserUttered(SECRET, {"name": "greet"})]
    return DialogueStateTracker.from_events(sender, [*turn * turns, *more], DOMAIN.slots)


def save(store, tracker):
    asyncio.run(store.save(tracker))


def rows(database, sender):
    with sqlite3.connect(database) as connection:
        query = "SELECT count(*) FROM events WHERE sender_id = ?"
        return connection.execute(query, (sender,)).fetchone()[0]


def test_conversation_is_kept_until_it_is_forgotten(store, database):
    save(store, conversation("ann"))
    assert rows(database, "ann") > 0
    store.forget("ann")
    assert rows(database, "ann") == 0


def test_forgotten_words_are_gone_from_the_file_itself(store, database):
    save(store, conversation("ann"))
    assert SECRET.encode() in database.read_bytes()
    store.forget("ann")
    assert SECRET.encode() not in database.read_bytes()


def test_other_conversations_are_kept(store, database):
    save(store, conversation("ann"))
    save(store, conversation("bob"))
    store.forget("ann")
    assert rows(database, "bob") > 0


def test_forgotten_conversation_starts_empty(store):
    save(store, conversation("ann"))
    store.forget("ann")
    assert asyncio.run(store.retrieve("ann")) is None


def test_forgetting_somebody_unknown_is_no_fault(store):
    store.forget("nobody")


def test_turn_that_asked_for_deletion_is_not_written_back(store, database):
    save(store, conversation("ann"))
    save(store, conversation("ann", SlotSet(FORGET_SLOT, True)))
    assert rows(database, "ann") == 0


def test_failure_to_forget_is_reported(store, database):
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE events")
    with pytest.raises(Exception, match="OperationalError"):
        store.forget("ann")


def test_store_of_this_process_is_the_one_asked_to_forget(store, database):
    save(store, conversation("ann"))
    forget("ann")
    assert rows(database, "ann") == 0


def test_action_server_of_its_own_finds_the_store_in_the_endpoints_file(
    store, database, tmp_path, monkeypatch
):
    save(store, conversation("ann"))
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(
        "tracker_store:\n"
        "  type: runtime.forgetting_store.ForgettingTrackerStore\n"
        f"  dialect: sqlite\n  db: {database}\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(forgetting_store, "ENDPOINTS", endpoints)
    forget("ann")
    assert rows(database, "ann") == 0


def test_events_read_for_a_message_do_not_grow_with_the_conversation(store, monkeypatch):
    read = []
    update = DialogueStateTracker.update
    monkeypatch.setattr(
        DialogueStateTracker, "update", lambda *args: read.append(1) or update(*args)
    )

    def work(sender, turns):
        save(store, conversation(sender, turns=turns))
        read.clear()
        asyncio.run(store.retrieve(sender))
        return len(read)

    assert work("long", 400) == work("shorter", 100)


def test_forgetting_says_how_much_there_was(store):
    save(store, conversation("ann"))
    assert forget("ann") > 0
    assert forget("ann") == 0


@pytest.fixture
def crashing_store(store, database):
    with sqlite3.connect(database) as connection:
        connection.execute("ALTER TABLE events RENAME TO gone")
    return store


def test_crash_of_the_database_is_logged_without_what_people_wrote(crashing_store, caplog):
    """R7"""
    fail_safe = FailSafeTrackerStore(crashing_store)
    save(fail_safe, conversation("ann"))
    assert asyncio.run(fail_safe.retrieve("ann")) is None
    assert "sqlite3.OperationalError SQLITE_ERROR" in caplog.text
    assert SECRET not in caplog.text and "ann" not in caplog.text.replace("channel", "")


def test_crash_while_forgetting_is_told_to_the_caller(crashing_store):
    with pytest.raises(StoreFailedError, match="OperationalError"):
        forget("ann")


def test_conversation_without_events_is_not_written(store, database):
    save(store, DialogueStateTracker("ann", DOMAIN.slots))
    assert rows(database, "ann") == 0


def test_turn_adds_its_own_events_alone(store, database):
    save(store, conversation("ann", turns=100))
    tracker = asyncio.run(store.retrieve("ann"))
    tracker.update(ActionExecuted("action_listen"))
    save(store, tracker)
    save(store, tracker)
    assert rows(database, "ann") == 201


def test_conversation_that_was_not_read_before_is_not_written_twice(store, database):
    save(store, conversation("ann"))
    save(store, conversation("ann", ActionExecuted("action_listen")))
    assert rows(database, "ann") == 3


def test_session_that_begins_anew_is_all_that_is_read(store):
    tracker = conversation("ann", turns=3)
    save(store, tracker)
    tracker.update(SessionStarted())
    tracker.update(ActionExecuted("action_listen"))
    save(store, tracker)
    events = asyncio.run(store.retrieve("ann")).events
    assert [type(event) for event in events] == [SessionStarted, ActionExecuted]


def test_slot_set_long_ago_is_still_known(store):
    tracker = conversation("ann", SlotSet(FORGET_SLOT, False))
    for _ in range(forgetting_store.EVENTS_READ):
        tracker.update(ActionExecuted("action_listen"))
    save(store, tracker)
    found = asyncio.run(store.retrieve("ann"))
    assert found.get_slot(FORGET_SLOT) is False
    assert len(found.events) == forgetting_store.EVENTS_READ + 1


def test_start_of_the_session_is_found_without_reading_the_conversation(store, database):
    with sqlite3.connect(database) as connection:
        statement = str(forgetting_store._LAST_EVENTS)
        values = {"sender": "ann", "events": 160, "slots": 20}
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    assert any("session_starts" in step[-1] for step in plan)
    assert not any(step[-1].startswith("SCAN events") for step in plan)


def test_store_that_may_not_make_an_index_works_without(database, monkeypatch, caplog):
    monkeypatch.setattr(forgetting_store, "_SESSION_STARTS", forgetting_store.sa.text("NO INDEX"))
    store = ForgettingTrackerStore(domain=DOMAIN, dialect="sqlite", db=str(database))
    save(store, conversation("ann"))
    assert asyncio.run(store.retrieve("ann")) is not None
    assert "session starts" in caplog.text
