"""Deletes conversations that nobody has continued for so many days, in the server, once a day."""

import asyncio
import logging
import time

import sqlalchemy as sa
from sanic import Sanic
from sqlalchemy.engine import Engine

from runtime.error_log import without_values
from store.forgetting_store import ForgettingTrackerStore
from store.retention_setting import retention_days
from store.sqlite import erase_deleted
from store.telegram_tables import inbox, seen

logger = logging.getLogger(__name__)

DAY_SECONDS = 24 * 3600.0
FIRST_SECONDS = 20.0  # after the start, which has enough to do
AT_ONCE = 50  # conversations in one transaction: people write in between
# From this share of empty pages on an SQLite file is written anew without them.
WORTH_SHRINKING = 0.25


async def begin(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
    """Listener of the server: delete soon after the start, then daily."""
    if days := retention_days():
        app.ctx.retention = asyncio.ensure_future(_daily(days))


async def end(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
    """Listener of the server: what is being deleted is deleted, and nothing begun any more."""
    task: asyncio.Task[None] | None = getattr(app.ctx, "retention", None)
    if task is not None:
        task.cancel()
        await asyncio.wait([task])


async def _daily(days: int) -> None:
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        store = ForgettingTrackerStore.of_this_process
        if store is not None:
            try:
                await asyncio.to_thread(delete_old, store, time.time() - days * DAY_SECONDS)
            except Exception as error:  # the database failed: tomorrow is another day
                logger.error("Old conversations could not be deleted: %s", without_values(error))
        await asyncio.sleep(DAY_SECONDS)


def delete_old(store: ForgettingTrackerStore, before: float) -> int:
    """Delete conversations whose last event is older than `before` (seconds since 1970).

    Returns how many events went. Also clears Telegram's tables of what is as old. Several
    processes may do it at once: what one has deleted the other does not find.
    """
    deleted = 0
    while count := _delete_some(store, before):
        deleted += count
    _delete_from_telegram(store.engine, before)
    _shrink(store.engine)
    return deleted


def _delete_some(store: ForgettingTrackerStore, before: float) -> int:
    event = store.SQLEvent
    with store.session_scope() as session:
        last = sa.func.max(event.timestamp)
        old = session.query(event.sender_id).group_by(event.sender_id).having(last < before)
        senders = [row[0] for row in old.limit(AT_ONCE)]
        count = 0
        for sender in senders:
            # Older than the limit, not all: who has come back in this moment keeps the new ones.
            own = session.query(event).filter(event.sender_id == sender, event.timestamp < before)
            count += own.delete(synchronize_session=False)
        session.commit()
        return count


def _delete_from_telegram(engine: Engine, before: float) -> None:
    """Also where Telegram has been switched off meanwhile, so that nobody else clears up."""
    there = set(sa.inspect(engine).get_table_names())
    with engine.begin() as connection:
        if inbox.name in there:
            connection.execute(inbox.delete().where(inbox.c.received < before))
        if seen.name in there:
            connection.execute(seen.delete().where(seen.c.until < time.time()))


def _shrink(engine: Engine) -> None:
    """Give an SQLite file's empty pages back to the disk, where there are many."""
    if engine.dialect.name != "sqlite":
        return  # PostgreSQL's autovacuum does it
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        empty = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        if empty > WORTH_SHRINKING * pages:
            connection.exec_driver_sql("VACUUM")
    erase_deleted(engine)
