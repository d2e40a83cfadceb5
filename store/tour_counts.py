"""How often the guided tour was started, left, resumed and finished, and which steps were reached.

Sums by month, beside the conversations in the same database. Nothing in them tells who it was,
so deleting a conversation leaves them as they are. `make tour-counts` prints them.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from weakref import WeakSet

from sqlalchemy import Column, Integer, MetaData, String, Table, select, text
from sqlalchemy.engine import Engine

from editorial.tour import Event
from runtime import metrics
from runtime.error_log import without_values
from runtime.turns import when_kept
from store.database import is_server, make_tables
from store.forgetting_store import ForgettingTrackerStore, store_from_endpoints

logger = logging.getLogger(__name__)

TABLE = Table(
    "tour_counts",
    MetaData(),
    Column("month", String(7), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("path", String(64), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
)
_has_table: WeakSet[Engine] = WeakSet()
# One statement, so that two replicas do not lose each other's count; SQLite and PostgreSQL know it.
_ADD = text(
    "INSERT INTO tour_counts (month, what, path, step, times) "
    "VALUES (:month, :what, :path, :step, 1) "
    "ON CONFLICT (month, what, path, step) DO UPDATE SET times = tour_counts.times + 1"
)


class Count(NamedTuple):
    """A line of the sums; `step` is 0 where the whole path is meant."""

    month: str
    what: str
    path: str
    step: int
    times: int


def count(events: Iterable[Event]) -> None:
    """Add events to this month's sums; a database that fails costs the count, not the answer.

    Once, when their turn is kept: of a turn that is made anew every try brings them.
    """
    if happened := list(events):
        when_kept(lambda: _count(happened))


def _count(happened: list[Event]) -> None:
    for event in happened:
        metrics.TOUR.labels(event.what).inc()
    store = ForgettingTrackerStore.of_this_process
    if store is None:
        return
    if is_server(store.engine):  # it may be slow, and the step need not wait for it
        asyncio.get_running_loop().run_in_executor(None, _add, store, happened)
    else:
        _add(store, happened)


def _add(store: ForgettingTrackerStore, happened: list[Event]) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    try:
        with store.session_scope() as session:
            _make_table(store)
            for event in happened:
                session.execute(_ADD, {"month": month, **vars(event)})
            session.commit()
    except Exception as error:  # whatever the database raises, the step must be shown
        logger.error("The tour could not be counted: %s", without_values(error))


def counts() -> list[Count]:
    """All sums, by month, path and step."""
    store = ForgettingTrackerStore.of_this_process or store_from_endpoints()
    with store.session_scope() as session:
        _make_table(store)
        columns = [TABLE.c[name] for name in Count._fields]
        rows = session.execute(select(columns).order_by(*columns[:1], *columns[2:4], columns[1]))
        return [Count(*row) for row in rows]


def _make_table(store: ForgettingTrackerStore) -> None:
    if store.engine not in _has_table:
        make_tables(store.engine, TABLE)
        _has_table.add(store.engine)


def main() -> None:
    """Print the sums as a table."""
    rows = counts()
    print(f"{'month':9}{'path':12}{'step':>4}  {'what':10}{'times':>6}")
    for row in rows:
        step = row.step or ""
        print(f"{row.month:9}{row.path:12}{step:>4}  {row.what:10}{row.times:>6}")
    if not rows:
        print("Nobody has taken the tour yet.")


if __name__ == "__main__":
    main()
