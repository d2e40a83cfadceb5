"""The SQLite file: what is deleted is gone, another file in its place is noticed."""

import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa

from store.database import engine_for
from store.sqlite import BUSY_MILLISECONDS, erase_deleted

SECRET = "a sentence that nobody else writes"
WRITE_AND_DIE = """
import os, sys
from store.database import engine_for
engine = engine_for(f"sqlite:///{sys.argv[1]}")
with engine.begin() as connection:
    connection.exec_driver_sql("INSERT INTO said VALUES ('the last words')")
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "some.db"


@pytest.fixture
def engine(file):
    engine = engine_for(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE said (words TEXT)")
    return engine


def say(engine, words):
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO said VALUES (:words)"), {"words": words})


def said(engine):
    with engine.connect() as connection:
        return [row.words for row in connection.exec_driver_sql("SELECT words FROM said")]


def on_disk(file):
    return b"".join(part.read_bytes() for part in file.parent.iterdir())


def test_deleted_words_are_in_no_file_once_they_are_erased(engine, file):
    say(engine, SECRET)
    say(engine, "something else")
    assert SECRET.encode() in on_disk(file)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM said WHERE words LIKE 'a sentence%'")
    erase_deleted(engine)
    assert SECRET.encode() not in on_disk(file)
    assert said(engine) == ["something else"]


def test_words_are_erased_while_another_connection_is_open(engine, file):
    say(engine, SECRET)
    with engine.connect() as reader:
        reader.exec_driver_sql("SELECT 1").all()
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM said")
        erase_deleted(engine)
    assert SECRET.encode() not in on_disk(file)


def test_locked_file_is_given_up_soon(engine):
    with engine.connect() as connection:
        busy = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    assert busy == BUSY_MILLISECONDS


def test_what_was_committed_outlives_a_killed_process(engine, file):
    done = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(file)], check=False)
    assert done.returncode == -9
    assert said(engine) == ["the last words"]


def test_file_that_was_put_in_its_place_is_the_one_that_is_read_and_written(engine, file):
    say(engine, "old")
    other = file.with_name("other.db")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE said (words TEXT)")
        connection.execute("INSERT INTO said VALUES ('new')")
    connection.close()
    other.replace(file)
    assert said(engine) == ["new"]
    say(engine, "newer")
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM said").fetchone() == (2,)
    connection.close()


def test_connection_is_used_again(engine):
    with engine.connect() as connection:
        first = connection.connection.dbapi_connection
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection is first


def test_file_that_was_deleted_is_begun_anew(engine, file):
    say(engine, "old")
    file.unlink()
    with pytest.raises(sa.exc.OperationalError, match="no such table"):
        said(engine)


def test_file_that_was_overwritten_loses_nothing_that_is_still_in_the_log(engine, file):
    say(engine, "before")
    file.write_bytes(b"no database at all")
    assert said(engine) == ["before"]
    say(engine, "after")
    erase_deleted(engine)
    with engine_for(f"sqlite:///{file}").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_damage_is_told_and_the_mended_file_is_read(engine, file):
    say(engine, "before")
    erase_deleted(engine)
    engine.dispose()  # an open connection remembers enough to go on
    whole = file.read_bytes()
    file.write_bytes(b"no database at all, and long enough to be told from one " * 200)
    for _ in range(2):
        with pytest.raises(sa.exc.DatabaseError):
            say(engine, "lost")
    file.write_bytes(whole)
    assert said(engine) == ["before"]
