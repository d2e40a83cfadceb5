"""How long the queue is, how long its oldest message has waited, and who waits for its file."""

import sqlite3
import threading
import time

import pytest
import sqlalchemy as sa

from channels.telegram.inbox import Inbox, inbox
from channels.telegram.reading import Incoming
from store.database import engine_for
from store.sqlite import BUSY_MILLISECONDS


@pytest.fixture
def queue(tmp_path):
    queue = Inbox(sa.create_engine(f"sqlite:///{tmp_path}/inbox.db"))
    queue.make_tables()
    return queue


def test_empty_queue_waits_for_nothing(queue):
    assert queue.waiting() == (0, 0.0)


def test_queue_is_as_long_as_what_is_not_answered_and_as_old_as_its_oldest(queue):
    for number, chat in ((1, "a"), (2, "a"), (3, "b")):
        assert queue.accept(Incoming(number, 7, "hello"), chat)
    with queue.engine.begin() as connection:
        old = inbox.update().where(inbox.c.update_id == 2).values(received=time.time() - 500)
        connection.execute(old)
    count, seconds = queue.waiting()
    assert count == 3
    assert seconds >= 500
    queue.done(2)
    count, seconds = queue.waiting()
    assert count == 2
    assert seconds < 500


def test_update_is_kept_although_its_turn_at_the_file_came_late(tmp_path):
    queue = Inbox(engine_for(f"sqlite:///{tmp_path}/inbox.db"))
    queue.make_tables()
    other = sqlite3.connect(tmp_path / "inbox.db", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.3 * BUSY_MILLISECONDS / 1000, other.execute, ["ROLLBACK"])
    release.start()
    assert queue.accept(Incoming(1, 7, "hello"), "a")
    release.join()
    other.close()
    assert queue.waiting()[0] == 1
