"""Several replicas' stores, inboxes and leases on one PostgreSQL."""

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from servers import PASSWORD, Postgres

from channels.telegram.inbox import Inbox
from channels.telegram.lease import Lease
from channels.telegram.reading import Incoming
from editorial.tour import Event
from store import tour_counts
from store.database import REST_SECONDS
from store.events import LAST_EVENTS, LAST_ID, LAST_MESSAGES
from store.forgetting_store import (
    FORGET_SLOT,
    ForgettingTrackerStore,
    FrankTrackerStore,
    OvertakenError,
    StoreFailedError,
    UnreadError,
)

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

Store = Callable[[], ForgettingTrackerStore]


@pytest.fixture
def store(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """store(): the store of one more replica."""
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    made: list[ForgettingTrackerStore] = []

    def make() -> ForgettingTrackerStore:
        made.append(
            ForgettingTrackerStore(
                DOMAIN, "postgresql", "127.0.0.1", postgres.port, "postgres", "guide", PASSWORD
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


@pytest.fixture
def sender() -> str:
    return uuid.uuid4().hex


async def read(store: ForgettingTrackerStore, sender: str) -> DialogueStateTracker:
    return await store.get_or_create_tracker(sender, append_action_listen=False)


def answer(tracker: DialogueStateTracker, text: str, message_id: str = "") -> None:
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered(text, message_id=message_id or uuid.uuid4().hex))
    tracker.update(BotUttered(f"Heard: {text}"))


async def turn(store: ForgettingTrackerStore, sender: str, text: str) -> None:
    tracker = await read(store, sender)
    answer(tracker, text)
    await store.save(tracker)


def said(postgres: Postgres, sender: str) -> list[str]:
    rows = postgres.query(
        "SELECT data::json ->> 'text' FROM events "
        "WHERE sender_id = %s AND type_name IN ('user', 'bot') ORDER BY id",
        sender,
    )
    return [row[0] for row in rows]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What they return or raise in threads that begin together, in whatever order they end."""
    together, outcomes = threading.Barrier(len(works)), []

    def run(work: Callable[[], Any]) -> None:
        together.wait()
        try:
            outcomes.append(work())
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_replicas_that_start_at_once_on_an_empty_database_make_its_tables_together(
    postgres: Postgres, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        postgres.query("DROP TABLE IF EXISTS events, telegram_inbox, telegram_seen, telegram_lease")

        def start() -> int:
            engine = store().engine
            Inbox(engine).make_tables()
            Lease(engine).make_tables()
            return 1

        assert at_once(*[start] * 6) == [1] * 6
    assert caplog.text == ""


async def test_replicas_that_answer_in_turns_neither_lose_nor_double_events(
    postgres: Postgres, store: Store, sender: str
) -> None:
    """Also beyond the number of events that are read for a message."""
    stores = [store(), store(), store()]
    for n in range(90):
        await turn(stores[n % 3], sender, f"number {n}")
    expected = [text for n in range(90) for text in (f"number {n}", f"Heard: number {n}")]
    assert said(postgres, sender) == expected


async def test_turn_that_another_replica_overtook_is_not_kept(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one, other = store(), store()
    await turn(one, sender, "before")
    slow = await read(one, sender)
    await turn(other, sender, "meanwhile")
    answer(slow, "slow")
    with pytest.raises(OvertakenError):
        await one.save(slow)
    assert said(postgres, sender)[2:] == ["meanwhile", "Heard: meanwhile"]


async def test_of_first_messages_that_reach_two_replicas_one_is_kept(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one, other = store(), store()
    first, second = await read(one, sender), await read(other, sender)
    answer(first, "first")
    answer(second, "second")
    outcomes = await asyncio.gather(one.save(first), other.save(second), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [OvertakenError]
    assert len(said(postgres, sender)) == 2


async def test_message_that_another_replica_kept_after_the_look_up_is_not_kept_twice(
    store: Store, sender: str
) -> None:
    one, other = store(), store()
    tracker = await read(one, sender)
    answer(tracker, "hi", "the same id")
    await one.save(tracker)
    tracker = await read(other, sender)
    answer(tracker, "hi", "the same id")
    with pytest.raises(OvertakenError):
        await other.save(tracker)


async def test_turn_that_was_being_answered_while_its_conversation_was_deleted_is_not_kept(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one, other = store(), store()
    await turn(one, sender, "before")
    slow = await read(one, sender)
    assert other.forget(sender) == 3
    answer(slow, "slow")
    with pytest.raises(OvertakenError):
        await one.save(slow)
    assert said(postgres, sender) == []


async def test_tracker_may_be_saved_more_than_once(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one = store()
    tracker = await read(one, sender)
    for n in range(2):
        answer(tracker, f"{n}")
        await one.save(tracker)
    full = await one.retrieve_full_tracker(sender)
    answer(full, "2")
    await one.save(full)
    assert said(postgres, sender)[::2] == ["0", "1", "2"]


async def test_asking_to_be_forgotten_deletes_what_every_replica_wrote(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one, other = store(), store()
    await turn(one, sender, "one")
    await turn(other, sender, "other")
    tracker = await read(one, sender)
    tracker.update(SlotSet(FORGET_SLOT, True))
    await one.save(tracker)
    assert said(postgres, sender) == []


async def test_session_is_whole_though_the_replica_that_began_it_has_a_fast_clock(
    store: Store, sender: str
) -> None:
    one, other = store(), store()
    tracker = await read(one, sender)
    answer(tracker, "of an earlier session")
    tracker.update(SessionStarted(timestamp=time.time() + 60))
    await one.save(tracker)
    await turn(other, sender, "by the right clock")
    tracker = await read(one, sender)
    texts = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert texts == ["by the right clock"]


async def test_statements_of_a_message_read_as_little_of_a_long_conversation_as_of_a_short_one(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one = store()
    await turn(one, sender, "hi")
    for author, count in ((f"'{sender}'", 3000), ("md5((n / 50)::text)", 200_000)):
        postgres.query(
            "INSERT INTO events (sender_id, type_name, timestamp, data) "
            f"SELECT {author}, (ARRAY['action', 'slot', 'user', 'bot'])[1 + n % 4], 1e9, '{{}}' "
            f"FROM generate_series(1, {count}) n"
        )
    postgres.query("ANALYZE events")
    for statement in (LAST_EVENTS, LAST_MESSAGES, LAST_ID):
        text = statement.params(conversation=sender).compile(
            one.engine, compile_kwargs={"literal_binds": True}
        )
        plan = postgres.query(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}")[0][0][0]
        assert rows_read(plan["Plan"]) < 500, plan
    postgres.query("DELETE FROM events WHERE timestamp < 1.1e9")


def rows_read(plan: dict[str, Any]) -> int:
    """Rows that were looked at in tables and indexes, also those that were of no use."""
    is_scan = "Scan" in plan["Node Type"]
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) if is_scan else 0
    return own * plan["Actual Loops"] + sum(rows_read(part) for part in plan.get("Plans", []))


async def test_restarted_database_is_used_again_without_a_failure(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one = store()
    await turn(one, sender, "before")
    postgres.kill()
    with pytest.raises(StoreFailedError):
        await turn(one, sender, "meanwhile")
    postgres.start()
    postgres.wait()
    await turn(one, sender, "after")
    assert said(postgres, sender)[::2] == ["before", "after"]


async def test_database_that_is_away_when_a_replica_starts_is_found_later(
    postgres: Postgres, store: Store, sender: str
) -> None:
    postgres.kill()
    late = store()
    postgres.start()
    postgres.wait()
    postgres.query("DROP TABLE events")
    await turn(late, sender, "hi")
    assert said(postgres, sender) == ["hi", "Heard: hi"]


async def test_database_that_hangs_holds_up_nobody_else(
    postgres: Postgres, store: Store, sender: str
) -> None:
    one = store()
    await turn(one, sender, "before")
    postgres.freeze(True)
    try:
        waiting = asyncio.ensure_future(one.retrieve(sender))
        for _ in range(5):  # what else the server does meanwhile
            await asyncio.sleep(0.1)
        assert not waiting.done()
        with pytest.raises(StoreFailedError, match="no answer in time"):
            await waiting
        with pytest.raises(StoreFailedError, match="did not answer just now"):
            await one.retrieve(sender)
    finally:
        postgres.freeze(False)
    await asyncio.sleep(REST_SECONDS)
    await turn(one, sender, "after")
    assert said(postgres, sender)[::2] == ["before", "after"]


async def test_failure_to_keep_is_told_and_a_conversation_that_cannot_be_read_is_new(
    postgres: Postgres, store: Store, sender: str
) -> None:
    frank = FrankTrackerStore(store())
    assert isinstance(frank, FailSafeTrackerStore)
    await turn(frank, sender, "before")
    postgres.kill()
    try:
        tracker = await read(frank, sender)
        assert len(tracker.events) == 0
        answer(tracker, "meanwhile")
        with pytest.raises(UnreadError):
            await frank.save(tracker)
    finally:
        postgres.start()
        postgres.wait()
    # What was answered without having read the conversation is not put at its end.
    with pytest.raises(UnreadError):
        await frank.save(tracker)
    assert said(postgres, sender)[::2] == ["before"]


def test_update_that_reaches_all_replicas_at_once_is_accepted_by_one(store: Store) -> None:
    inboxes = [Inbox(store().engine) for _ in range(3)]
    inboxes[0].make_tables()
    for number in range(20):
        incoming = Incoming(8_000_000_000 + number, 5, "hi", once_seconds=600)
        accept = (partial(each.accept, incoming, "chat", f"mark {number}") for each in inboxes)
        outcomes = at_once(*accept)
        assert sorted(outcomes) == [False, False, True]


def test_mark_that_ran_out_may_be_set_again_by_one_replica(store: Store) -> None:
    engine = store().engine
    Inbox(engine).make_tables()
    numbers = iter(range(9_000_000_000, 9_000_000_100))

    def accept(seconds: float) -> bool:
        incoming = Incoming(next(numbers), 6, "hi", once_seconds=seconds)
        return Inbox(engine).accept(incoming, "another chat", "a mark")

    assert (accept(-1), accept(600), accept(600)) == (True, True, False)
    Inbox(engine).forget("another chat", 9_000_000_100)


def test_lease_goes_by_the_databases_clock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Lease(store().engine, 2.0), Lease(store().engine, 2.0)
    one.make_tables()
    assert one.take()
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)  # the other one's clock is wrong
    assert not other.take()
    monkeypatch.undo()
    assert one.take() and not other.take()
    time.sleep(2.1)
    assert other.take() and not one.take()
    other.release()
    assert one.take()
    one.release()


async def test_tour_is_counted_by_all_replicas_at_once(postgres: Postgres, store: Store) -> None:
    postgres.query("DROP TABLE IF EXISTS tour_counts")
    stores = [store(), store(), store()]
    happened = [Event("started", "self", 0)]
    for _ in range(10):
        at_once(*(partial(tour_counts._add, each, happened) for each in stores))
    assert [count.times for count in tour_counts.counts()] == [30]
