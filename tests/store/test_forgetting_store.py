"""The tracker store that can forget, on a real SQLite file."""

import asyncio
import contextlib
import sqlite3

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from store import events
from store.forgetting_store import (
    FORGET_SLOT,
    ForgettingTrackerStore,
    FrankTrackerStore,
    OvertakenError,
    StoreFailedError,
    UnreadError,
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


def on_disk(database):
    """All that is in the database's file and in its log."""
    return b"".join(file.read_bytes() for file in database.parent.glob(f"{database.name}*"))


def test_forgotten_words_are_gone_from_the_files_themselves(store, database):
    save(store, conversation("ann"))
    assert SECRET.encode() in on_disk(database)
    store.forget("ann")
    assert SECRET.encode() not in on_disk(database)


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
        "  type: store.forgetting_store.ForgettingTrackerStore\n"
        f"  dialect: sqlite\n  db: {database}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("ENDPOINTS", str(endpoints))
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
    for _ in range(events.EVENTS_READ):
        tracker.update(ActionExecuted("action_listen"))
    save(store, tracker)
    found = asyncio.run(store.retrieve("ann"))
    assert found.get_slot(FORGET_SLOT) is False
    assert len(found.events) == events.EVENTS_READ + 1


def test_turn_that_cannot_be_kept_fails_and_one_that_cannot_be_read_begins_anew(crashing_store):
    frank = FrankTrackerStore(crashing_store)
    tracker = asyncio.run(frank.get_or_create_tracker("ann"))
    assert len(tracker.events) == 0
    with pytest.raises(UnreadError):
        save(frank, tracker)


def test_turn_that_could_be_read_but_not_kept_fails_otherwise(store, database):
    frank = FrankTrackerStore(store)
    tracker = asyncio.run(frank.get_or_create_tracker("ann"))
    with sqlite3.connect(database) as connection:
        connection.execute("ALTER TABLE events RENAME TO gone")
    with pytest.raises(StoreFailedError) as failure:
        save(frank, tracker)
    assert not isinstance(failure.value, UnreadError)


def test_new_conversation_is_kept_with_its_first_turn(store, database):
    frank = FrankTrackerStore(store)
    tracker = asyncio.run(frank.get_or_create_tracker("ann"))
    assert rows(database, "ann") == 0
    save(frank, tracker)
    assert rows(database, "ann") == 1


def test_turn_that_another_process_overtook_is_not_kept(store, database):
    save(store, conversation("ann"))
    slow, fast = (asyncio.run(store.retrieve("ann")) for _ in range(2))
    for tracker in (fast, slow):
        tracker.update(ActionExecuted("action_listen"))
    save(store, fast)
    before = rows(database, "ann")
    with pytest.raises(OvertakenError):
        save(store, slow)
    assert rows(database, "ann") == before


def test_database_of_an_earlier_version_gets_its_indexes(store, database):
    def indexes():
        with sqlite3.connect(database) as connection:
            query = "SELECT name FROM sqlite_master WHERE type = 'index'"
            return {name for (name,) in connection.execute(query)}

    complete = indexes()
    with sqlite3.connect(database) as connection:
        connection.execute("DROP INDEX ix_events_of_kind")
    assert indexes() != complete
    ForgettingTrackerStore(domain=DOMAIN, dialect="sqlite", db=str(database))
    assert indexes() == complete


def test_database_that_cannot_be_opened_does_not_keep_the_server_from_starting(tmp_path, caplog):
    """It answers emergencies, and the rest once the database is there."""
    folder = tmp_path / "later"
    store = ForgettingTrackerStore(domain=DOMAIN, db=str(folder / "conversations.db"))
    assert "cannot be used yet: sqlite3.OperationalError" in caplog.text
    folder.mkdir()
    save(store, conversation("ann"))
    assert rows(folder / "conversations.db", "ann") > 0


@pytest.mark.parametrize("name", ["LAST_EVENTS", "LAST_MESSAGES", "LAST_ID"])
def test_statements_of_a_message_search_by_index_and_never_walk_through(store, database, name):
    statement = getattr(events, name).params(conversation="ann")
    text = str(statement.compile(store.engine, compile_kwargs={"literal_binds": True}))
    with sqlite3.connect(database) as connection:
        steps = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
    searches = [step for step in steps if "events USING" in step]
    assert searches and all(step.startswith("SEARCH") for step in searches)
    assert all("sender_id=?" in step for step in searches)


def test_table_that_is_lost_with_its_file_is_made_anew(store, database):
    save(store, conversation("ann"))
    database.unlink()
    for said in ("bea", "cay"):  # the first finds out
        with contextlib.suppress(StoreFailedError):
            save(store, conversation(said))
    assert rows(database, "cay") > 0
