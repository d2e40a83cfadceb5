"""A SQL tracker store that can forget a conversation, and whose cost per message stays flat.

Rasa's own stores cannot delete, read every event of a session for every message, and put what
people wrote into the error log when the database fails.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from runtime.places import endpoints_file, in_data_dir
from store.database import (
    PATIENCE_SECONDS,
    REST_SECONDS,
    engine_for,
    is_server,
    lock_conversation,
    make_tables,
)
from store.events import (
    ALL_EVENTS,
    ANSWERS,
    ENDLESS,
    LAST_EVENTS,
    LAST_ID,
    LAST_MESSAGES,
    TABLE,
    from_json,
    row_of,
)
from store.sqlite import erase_deleted
from store.statements import Statements, transaction
from store.tables import is_lost, keep_tables

logger = logging.getLogger(__name__)

DATABASE = "conversations.db"
FORGET_SLOT = "forget_conversation"

REPEAT_SECONDS = 15 * 60.0  # so long a message with the same id and words is the same message


class StoreFailedError(Exception):
    """The database failed; the text names the kind of failure and quotes no value."""


class UnreadError(StoreFailedError):
    """A turn was answered without its conversation: it may be the answer for another person."""


class OvertakenError(Exception):
    """Another replica wrote to the conversation since it was read: the turn must be done anew."""


class Read(NamedTuple):
    """What a tracker had when it was read: so many events, the last one with this id."""

    length: int
    last_id: int | None


class ForgettingTrackerStore(SQLTrackerStore):
    """Rasa's SQL store; a conversation whose `forget_conversation` slot is set is not kept.

    Any number of replicas may share it: new events are added only to what they followed from, so
    that of two turns at once one is done anew (OvertakenError). No lock outlives a statement.
    """

    of_this_process: ClassVar["ForgettingTrackerStore | None"] = None

    def __init__(
        self,
        domain: Any = None,
        dialect: str = "sqlite",
        host: str | None = None,
        port: int | str | None = None,
        db: str = DATABASE,
        username: str | None = None,
        password: str | None = None,
        event_broker: Any = None,
        query: dict[str, str] | None = None,
    ) -> None:
        # Not SQLTrackerStore's own: it waits for the database before the server listens.
        TrackerStore.__init__(self, domain, event_broker)
        port = int(port) if port else None
        if dialect == "sqlite":
            db = str(in_data_dir(db))
        url = self.get_db_url(dialect, host, port, db, username, password, query=query)
        self.engine = engine_for(url)
        keep_tables(self.engine, self.Base.metadata)
        self.sessionmaker = sessionmaker(bind=self.engine)
        self._has_tables = False
        self._hangs_until = 0.0
        try:
            self._make_tables()
        except SQLAlchemyError as error:  # until it answers, emergencies alone are answered
            logger.error("The database cannot be used yet: %s", _kind(error))
        ForgettingTrackerStore.of_this_process = self

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's last session, as far as EVENTS_READ reach; None where it has none."""
        return await self.unhurried(self._tracker, sender_id, LAST_EVENTS)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All that is kept of the conversation."""
        return await self.unhurried(self._tracker, conversation_id, ALL_EVENTS)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep what is new in `tracker`: all of it or nothing.

        Raises OvertakenError where the conversation is no longer as it was read, and
        StoreFailedError where the database fails; then it may have been kept nevertheless.
        """
        if tracker.get_slot(FORGET_SLOT):
            await self.unhurried(self.forget, tracker.sender_id)
        else:
            await self.stream_events(tracker)
            await self.unhurried(self._append, tracker)

    async def unhurried[Found](self, work: Callable[..., Found], *arguments: Any) -> Found:
        """What `work` finds in the database; a server that hangs holds up nobody else.

        Raises StoreFailedError after PATIENCE_SECONDS, and at once for a while after that; the
        work may still be done then.
        """
        if not is_server(self.engine):
            return work(*arguments)
        if time.monotonic() < self._hangs_until:
            raise StoreFailedError("it did not answer just now")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.to_thread(work, *arguments)
        except TimeoutError:
            self._hangs_until = time.monotonic() + REST_SECONDS
            raise StoreFailedError("no answer in time") from None

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        """A session that ends with the block; StoreFailedError for whatever fails in it."""
        with self._failures_told(), super().session_scope() as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Statements]:
        """The same for statements alone, which cost a third without the session around them."""
        with self._failures_told(), transaction(self.engine) as statements:
            yield statements

    @contextmanager
    def _failures_told(self) -> Iterator[None]:
        # An error of the database quotes the statement and the values in it, and Rasa logs it.
        try:
            if not self._has_tables:
                self._make_tables()
            yield
        except OvertakenError:
            raise
        except Exception as error:
            self._has_tables = self._has_tables and not is_lost(error)
            raise StoreFailedError(_kind(error)) from None

    def forget(self, sender_id: str) -> int:
        """Delete every event of a conversation and say how many; StoreFailedError if it cannot."""
        with self.session_scope() as session:
            # What another replica is adding is added before, or not at all.
            lock_conversation(session.connection(), sender_id)
            count = session.query(self.SQLEvent).filter_by(sender_id=sender_id).delete()
            session.commit()
            erase_deleted(self.engine)
            return int(count)

    def answer_to(
        self, sender_id: str, message_id: str, text: str, seconds: float
    ) -> list[dict[str, Any]] | None:
        """The bot's events after the message with this id and text of the last `seconds`.

        None where there is no such message; StoreFailedError where the database fails.
        """
        with self.transaction() as statements:
            before: int | None = None
            for row_id, timestamp, data in statements.rows(LAST_MESSAGES, conversation=sender_id):
                if timestamp < time.time() - seconds:
                    return None
                said = from_json(data)
                if (said.get("message_id"), said.get("text")) == (message_id, text):
                    answers = statements.rows(
                        ANSWERS, conversation=sender_id, after=row_id, before=before or ENDLESS
                    )
                    return [from_json(answer) for (answer,) in answers]
                before = row_id
        return None

    def _make_tables(self) -> None:
        make_tables(self.engine, TABLE)
        self._has_tables = True

    def _tracker(self, sender_id: str, statement: Any) -> DialogueStateTracker | None:
        with self.transaction() as statements:
            [(last_id, events)] = statements.rows(statement, conversation=sender_id)
        if last_id is None or not self.domain:
            return None
        tracker = DialogueStateTracker.from_dict(
            sender_id, from_json(f"[{events}]"), self.domain.slots
        )
        tracker.read = Read(len(tracker.events), last_id)
        return tracker

    def _append(self, tracker: DialogueStateTracker) -> None:
        # A tracker that was not read is that of a new conversation.
        read: Read = getattr(tracker, "read", Read(0, None))
        events = list(tracker.events)
        if _is_repeated(events[: read.length], events[read.length :]):
            raise OvertakenError
        with self.transaction() as statements:
            statements.lock(tracker.sender_id)
            if _last_id(statements, tracker.sender_id) != read.last_id:
                raise OvertakenError
            if rows := [row_of(tracker.sender_id, event) for event in events[read.length :]]:
                statements.add(TABLE, rows)
            kept = Read(len(events), _last_id(statements, tracker.sender_id))
        tracker.read = kept


class FrankTrackerStore(FailSafeTrackerStore):
    """Rasa's wrapper, which answers without memory when the store fails, but tells of it.

    A conversation that cannot be read is treated as new, so that an emergency is seen. What cannot
    be kept fails: Rasa's own wrapper would put it where nobody looks, and say nothing.
    """

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation; one without events, never to be kept, where it cannot be read."""
        try:
            return await self._tracker_store.retrieve(sender_id)
        except Exception as error:  # whatever the store raises
            self.on_tracker_store_retrieve_error(error)
            tracker = self.init_tracker(sender_id)
            tracker.is_unread = True
            return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep `tracker`; raises what the store raises, and UnreadError where it was not read."""
        if getattr(tracker, "is_unread", False):
            raise UnreadError("the conversation could not be read")
        await self._tracker_store.save(tracker)

    async def create_tracker(
        self, sender_id: str, append_action_listen: bool = True
    ) -> DialogueStateTracker:
        """A new conversation, kept with its first turn: nothing is worth keeping before."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker


def forget(sender_id: str) -> int:
    """Delete a conversation from the operator's store, from whichever process this is."""
    store = ForgettingTrackerStore.of_this_process or store_from_endpoints()
    return store.forget(sender_id)


async def answer_to(
    sender_id: str, message_id: str, text: str, seconds: float
) -> list[dict[str, Any]] | None:
    """What was answered to a message that is in this process's store; None where there is none."""
    store = ForgettingTrackerStore.of_this_process
    if store is None:
        return None
    return await store.unhurried(store.answer_to, sender_id, message_id, text, seconds)


def _last_id(statements: Statements, sender_id: str) -> int | None:
    rows = statements.rows(LAST_ID, conversation=sender_id)
    return rows[0][0] if rows else None


def _kind(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "pgcode", None)
    kind = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return f"{kind} {code}" if code else kind


def store_from_endpoints() -> ForgettingTrackerStore:
    """The operator's store, for a process of its own."""
    config = read_endpoint_config(str(endpoints_file()), "tracker_store")
    settings = {} if config is None else {**config.kwargs, "host": config.url}
    return ForgettingTrackerStore(**settings)


def _is_repeated(earlier: list[Event], new: list[Event]) -> bool:
    """Whether a new message is there already: another replica answered it meanwhile."""
    since = time.time() - REPEAT_SECONDS
    said = {_message(event) for event in earlier if event.timestamp >= since}
    return bool((said & {_message(event) for event in new}) - {None})


def _message(event: Event) -> tuple[str, str | None] | None:
    """What a message is known by; None for what is none, or has no id."""
    if not isinstance(event, UserUttered) or not event.message_id:
        return None
    return event.message_id, event.text
