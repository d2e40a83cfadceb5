"""Something of the guide is broken: a useful reply all the same, and each red flag as one."""

import os
import random
import resource
import socket
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest
from breakable import CHANNELS, TELEGRAM, Person, running

INSIDE = {
    "an action raises": "ActionExecutor.run raises",
    "an action is slow": "ActionExecutor.run is slow",
    "the encoder raises": "SentenceEncoder.encode raises",
    "the encoder is slow": "SentenceEncoder.encode is slow",
    "the classifier raises": "IntentClassifier.process raises",
    "the classifier is slow": "IntentClassifier.process is slow",
    "the gate's component raises": "SafetyGateComponent.process raises",
}


@pytest.mark.parametrize("situation", INSIDE)
def test_broken_part_of_the_assistant_leaves_a_useful_reply(situation, person, meets):
    with person.guide.broken(INSIDE[situation]):
        meets(situation, person)
    wait_until_it_answers(person)


@contextmanager
def gone(guide):
    guide.database.unlink()
    yield


@contextmanager
def locked(guide):
    with sqlite3.connect(guide.database, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    other.close()


@contextmanager
def corrupt(guide):
    """Until the operator puts a whole copy in its place."""
    copy = guide.database.with_name("copy.db")
    with (
        closing(sqlite3.connect(guide.database)) as database,
        closing(sqlite3.connect(copy)) as target,
    ):
        database.backup(target)
    guide.database.write_bytes(random.Random(1).randbytes(guide.database.stat().st_size))
    yield
    copy.replace(guide.database)


@contextmanager
def full(guide):
    filler = guide.disk / "filler"
    with filler.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            pass
    assert os.statvfs(guide.disk).f_bavail == 0
    yield
    filler.unlink()


@contextmanager
def refusing(guide):
    """A disk that refuses whatever is written, as a broken one does, also to an open file."""
    process = guide.process.pid
    soft, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, hard))
    yield
    resource.prlimit(process, resource.RLIMIT_FSIZE, (soft, hard))


STORES = {
    "the database file is gone": gone,
    "the database is locked": locked,
    "the database is corrupt": corrupt,
    "the disk is full": full,
    "the disk refuses to write": refusing,
}


@pytest.mark.parametrize("situation", STORES)
def test_broken_store_leaves_a_useful_reply_and_mends_by_itself(situation, person, meets, missing):
    guide = person.guide
    if STORES[situation] is full and not os.path.ismount(guide.disk):
        missing("a disk that can be filled needs root and mount")
    person.say("hello")
    with STORES[situation](guide):
        meets(situation, person)
    wait_until_it_answers(person)
    wait_until_it_is_kept(person)


@pytest.fixture(scope="module")
def deaf_port():
    """A port that nobody listens at, until somebody does who never answers."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        yield place


@pytest.fixture(scope="module")
def lonely(tmp_path_factory, deaf_port):
    """A guide whose action server is configured and does not run."""
    actions = f"http://127.0.0.1:{deaf_port.getsockname()[1]}/webhook"
    with running(tmp_path_factory.mktemp("lonely"), "polling", actions) as guide:
        yield guide


@pytest.mark.parametrize("channel", [channel for channel in CHANNELS if "webhook" not in channel])
@pytest.mark.parametrize("situation", ["the action server is down", "the action server hangs"])
def test_action_server_that_does_not_answer_leaves_a_useful_reply(
    situation, channel, lonely, deaf_port, meets
):
    if situation.endswith("hangs"):
        deaf_port.listen(100)
    meets(situation, Person(lonely, channel))


def wait_until_it_answers(person):
    """Until an ordinary question is answered as one again, by itself."""
    deadline = time.monotonic() + 40
    while "something went wrong" in " ".join(person.say("what is eczema?").texts):
        assert time.monotonic() < deadline, "it did not mend by itself"
        time.sleep(1)
    if person.channel in TELEGRAM:
        person.guide.api.quiet(2)


def wait_until_it_is_kept(person):
    """Until what is said is in the database again."""
    deadline = time.monotonic() + 30
    while True:
        person.say("hello")
        with sqlite3.connect(person.guide.database, timeout=10) as database:
            query = "SELECT count(*) FROM events WHERE type_name = 'user' AND timestamp > ?"
            kept = database.execute(query, (time.time() - 5,)).fetchone()[0]
        database.close()
        if kept:
            return
        assert time.monotonic() < deadline, "nothing is kept"
        time.sleep(1)
