"""Sums of the tour without anything that tells who it was."""

import sqlite3

import pytest

from editorial.tour import Event
from store import tour_counts
from store.forgetting_store import ForgettingTrackerStore


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    file = tmp_path / "conversations.db"
    ForgettingTrackerStore(db=str(file))
    return file


def test_same_event_is_added_up(database):
    for _ in range(3):
        tour_counts.count([Event("reached", "me", 2)])
    tour_counts.count([Event("finished", "me")])
    assert [row[1:] for row in tour_counts.counts()] == [
        ("finished", "me", 0, 1),
        ("reached", "me", 2, 3),
    ]


def test_nothing_but_month_event_path_step_and_sum_is_kept(database):
    tour_counts.count([Event("started", "carer")])
    with sqlite3.connect(database) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(tour_counts)")]
        [(month,)] = connection.execute("SELECT month FROM tour_counts")
    assert columns == ["month", "what", "path", "step", "times"]
    assert len(month) == len("2026-11")


def test_database_that_fails_costs_the_count_and_not_the_answer(database, caplog):
    ForgettingTrackerStore.of_this_process.engine.dispose()  # the log's end: all is in the file
    database.write_bytes(b"this is no database at all, only words")
    tour_counts.count([Event("started", "me")])
    assert "could not be counted" in caplog.text


def test_without_a_store_nothing_is_counted(monkeypatch):
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    tour_counts.count([Event("started", "me")])


def test_sums_are_printed(database, capsys):
    tour_counts.main()
    assert "Nobody" in capsys.readouterr().out
    tour_counts.count([Event("reached", "me", 2)])
    tour_counts.main()
    assert "reached" in capsys.readouterr().out
