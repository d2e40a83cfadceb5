"""Old conversations go by themselves: on SQLite and on PostgreSQL, from every table."""

import asyncio
import time
import uuid
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from postgres import USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.settings import SettingError
from channels.telegram import inbox as telegram
from channels.telegram.reading import Incoming
from store import retention
from store.forgetting_store import ForgettingTrackerStore
from store.retention import DAY_SECONDS, delete_old
from store.retention_setting import DEFAULT_DAYS, retention_days
from store.sqlite import erase_deleted

SECRET = "my skin is as red as a pillar box"
NOW = time.time()
LIMIT = NOW - DEFAULT_DAYS * DAY_SECONDS
A_MINUTE = 60.0


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path, monkeypatch):
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    settings = {"dialect": request.param, "db": str(tmp_path / "conversations.db")}
    if request.param == "postgresql":
        host = request.getfixturevalue("postgres_host")
        with sa.create_engine(
            f"postgresql://{USER}@/postgres?host={host}", isolation_level="AUTOCOMMIT"
        ).connect() as connection:
            name = f"test_{uuid.uuid4().hex}"
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        settings = {"host": f"postgresql://{USER}@/{name}?host={host}"}
    store = ForgettingTrackerStore(domain=Domain.empty(), **settings)
    yield store
    store.engine.dispose()


def save(store, sender, *times, words=SECRET):
    """A conversation with an exchange at each of `times`."""
    events = []
    for at in times:
        events += [ActionExecuted("action_listen", timestamp=at), UserUttered(words, timestamp=at)]
    asyncio.run(store.save(DialogueStateTracker.from_events(sender, events)))


def kept(store):
    with store.session_scope() as session:
        return {sender for (sender,) in session.query(store.SQLEvent.sender_id).distinct()}


def test_conversation_goes_when_its_last_event_is_older_than_the_limit(store):
    save(store, "old", LIMIT - A_MINUTE)
    save(store, "young", LIMIT + A_MINUTE)
    assert delete_old(store, LIMIT) == 2
    assert kept(store) == {"young"}


def test_conversation_that_was_taken_up_again_keeps_its_beginning(store):
    """G4: who comes back on the thirtieth day finds the place in the tour."""
    place = SlotSet("tour", {"step": 3}, timestamp=NOW - 400 * DAY_SECONDS)
    events = [place, UserUttered("hello again", timestamp=LIMIT + A_MINUTE)]
    asyncio.run(store.save(DialogueStateTracker.from_events("ann", events)))
    assert delete_old(store, LIMIT) == 0
    events = asyncio.run(store.retrieve_full_tracker("ann")).events
    assert any(isinstance(event, SlotSet) and event.key == "tour" for event in events)


def test_more_conversations_than_fit_into_one_transaction_all_go(store, monkeypatch):
    monkeypatch.setattr("store.retention.AT_ONCE", 3)
    for number in range(10):
        save(store, f"old {number}", LIMIT - A_MINUTE)
    delete_old(store, LIMIT)
    assert kept(store) == set()


def test_two_processes_at_once_do_each_other_no_harm(store):
    for number in range(20):
        save(store, f"old {number}", LIMIT - A_MINUTE)

    async def both():
        await asyncio.gather(*[asyncio.to_thread(delete_old, store, LIMIT) for _ in range(2)])

    asyncio.run(both())
    assert kept(store) == set()


def test_telegrams_tables_are_cleared_too(store):
    inbox = telegram.Inbox(store.engine)
    inbox.make_tables()
    for number, received in ((1, LIMIT - A_MINUTE), (2, NOW)):
        inbox.accept(Incoming(number, 7, SECRET), "chat")
        with store.engine.begin() as connection:
            row = telegram.inbox.c.update_id == number
            connection.execute(telegram.inbox.update().where(row).values(received=received))
    with store.engine.begin() as connection:
        first = telegram.seen.c.mark == "update:1"
        connection.execute(telegram.seen.update().where(first).values(until=NOW - 1))
    delete_old(store, LIMIT)
    with store.engine.connect() as connection:
        assert [row.update_id for row in connection.execute(sa.select(telegram.inbox))] == [2]
        assert [row.mark for row in connection.execute(sa.select(telegram.seen))] == ["update:2"]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_deleted_words_are_gone_from_the_file_and_the_file_is_smaller(store, tmp_path):
    file = tmp_path / "conversations.db"
    save(store, "old", *[LIMIT - A_MINUTE] * 500)
    save(store, "young", NOW, words="hello")
    erase_deleted(store.engine)  # so that all of it is in the file
    before = file.stat().st_size
    assert SECRET.encode() in file.read_bytes()
    delete_old(store, LIMIT)
    assert SECRET.encode() not in b"".join(part.read_bytes() for part in tmp_path.glob("*.db*"))
    assert file.stat().st_size < before / 2


@pytest.mark.parametrize(("text", "days"), [("", 30), ("0", 0), ("1", 1), ("365", 365)])
def test_setting_says_how_many_days(monkeypatch, text, days):
    monkeypatch.setenv("RETENTION_DAYS", text)
    assert retention_days() == days


@pytest.mark.parametrize("text", ["-1", "30 days", "1.5", "99999", "²"])
def test_senseless_setting_is_one_line_with_the_remedy(monkeypatch, text):
    monkeypatch.setenv("RETENTION_DAYS", text)
    with pytest.raises(SettingError, match=r"RETENTION_DAYS=.* is no number of days; use 1 to"):
        retention_days()


async def test_job_ends_with_the_server_and_leaves_no_task_behind(monkeypatch):
    monkeypatch.delenv("RETENTION_DAYS", raising=False)
    app, before = SimpleNamespace(ctx=SimpleNamespace()), asyncio.all_tasks()
    await retention.begin(app, asyncio.get_running_loop())
    assert asyncio.all_tasks() != before
    await retention.end(app, asyncio.get_running_loop())
    assert asyncio.all_tasks() == before


async def test_without_a_limit_there_is_no_job(monkeypatch):
    monkeypatch.setenv("RETENTION_DAYS", "0")
    app, before = SimpleNamespace(ctx=SimpleNamespace()), asyncio.all_tasks()
    await retention.begin(app, asyncio.get_running_loop())
    assert asyncio.all_tasks() == before
    await retention.end(app, asyncio.get_running_loop())
