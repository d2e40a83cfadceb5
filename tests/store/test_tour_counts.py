"""Sums of the tour without anything that tells who it was."""

import sqlite3

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from channels.assistant import Assistant
from channels.fallback import Fallback
from components.safety.gate import own_gate
from editorial.content import load_content
from editorial.tour import Event
from runtime import metrics
from runtime.turns import one_turn
from store import tour_counts
from store.forgetting_store import ForgettingTrackerStore, OvertakenError, StoreFailedError


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


class Replica:
    """An assistant that shows a step and counts it, each time it is asked; ends as `ends` say."""

    def __init__(self, *ends):
        self.ends = list(ends)

    async def __call__(self, message):
        with one_turn(message):
            await message.output_channel.send_response("ann", {"text": "Step 2 of 6"})
            tour_counts.count([Event("reached", "me", 2)])
            if end := self.ends.pop(0):
                raise end


class Output(CollectingOutputChannel):
    async def send_response(self, recipient_id, message):
        await self._persist_message(message)


async def step_with(replica, *found):
    """Sends a message; `found`: what is known of an earlier answer to it, before each try."""
    known = list(found)

    async def earlier():
        return known.pop(0) if known else None

    output = Output()
    message = UserMessage("next", output, "ann", input_channel="rest", message_id="1")
    fallback = Fallback(load_content(), own_gate())
    return await Assistant(replica, fallback, 8).answer(message, output, earlier)


def times_reached():
    return sum(row.times for row in tour_counts.counts())


def reached_for_prometheus():
    return metrics.REGISTRY.get_sample_value("guide_tour_events_total", {"what": "reached"}) or 0


@pytest.mark.parametrize("error", [OvertakenError(), StoreFailedError("away")])
async def test_step_of_a_turn_that_is_made_anew_is_counted_once(database, error):
    before = reached_for_prometheus()
    await step_with(Replica(error, error, None))
    assert times_reached() == reached_for_prometheus() - before == 1


async def test_step_that_another_replica_has_shown_is_counted_there_alone(database):
    said = [{"event": "bot", "text": "Step 2 of 6", "data": {}}]
    (item,) = await step_with(Replica(OvertakenError()), None, said)
    assert item["text"] == "Step 2 of 6"
    assert times_reached() == 0


async def test_step_that_was_kept_before_the_store_said_so_is_counted_once(database):
    said = [{"event": "bot", "text": "Step 2 of 6", "data": {}}]
    await step_with(Replica(StoreFailedError("no answer in time")), None, said)
    assert times_reached() == 1


async def test_step_that_nobody_will_remember_is_not_counted(database, monkeypatch):
    monkeypatch.setattr("channels.assistant.STORE_SECONDS", 0.0)
    await step_with(Replica(StoreFailedError("away"), StoreFailedError("away")))
    assert times_reached() == 0
