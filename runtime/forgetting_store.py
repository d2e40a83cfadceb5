"""A SQL tracker store that can forget a conversation, and whose cost per message stays flat.

Rasa's own stores cannot delete, read every event of a session for every message, and put what
people wrote into the error log when the database fails.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config
from sqlalchemy.orm import Query, Session

from runtime.places import endpoints_file, in_data_dir
from runtime.tables import keep_tables, tune_sqlite

logger = logging.getLogger(__name__)

DATABASE = "conversations.db"
FORGET_SLOT = "forget_conversation"

# About ten turns, and below the last answer's slots, which it writes all anew
# (actions/conversation.py). The older events stay in the database.
EVENTS_READ = 160
SLOT_EVENTS_READ = 20  # all slots once over, however long ago they were written
MESSAGES_READ = 20  # among these a message that was sent again is looked for


class StoreFailedError(Exception):
    """The database failed; the text names the kind of failure and quotes no value."""


class ForgettingTrackerStore(SQLTrackerStore):
    """Rasa's SQL store; a conversation whose `forget_conversation` slot is set is not kept."""

    of_this_process: ClassVar["ForgettingTrackerStore | None"] = None

    def __init__(
        self,
        domain: Any = None,
        dialect: str = "sqlite",
        host: str | None = None,
        port: int | None = None,
        db: str = DATABASE,
        **kwargs: Any,
    ) -> None:
        if dialect == "sqlite":
            db = str(in_data_dir(db))
        super().__init__(domain=domain, dialect=dialect, host=host, port=port, db=db, **kwargs)
        tune_sqlite(self.engine)
        keep_tables(self.engine, self.Base.metadata)
        ForgettingTrackerStore.of_this_process = self

    def _event_query(
        self, session: Session, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> Query:
        """The session's last events, oldest first; all of them where everything is asked for."""
        query = super()._event_query(session, sender_id, fetch_events_from_all_sessions)
        if fetch_events_from_all_sessions:
            return query
        event_id = self.SQLEvent.id
        newest_first = query.order_by(None).order_by(event_id.desc())
        last_events = newest_first.limit(EVENTS_READ).with_entities(event_id)
        slots = newest_first.filter(self.SQLEvent.type_name == "slot")
        last_slots = slots.limit(SLOT_EVENTS_READ).with_entities(event_id)
        ids = [row[0] for row in last_events] + [row[0] for row in last_slots]
        return session.query(self.SQLEvent).filter(event_id.in_(ids)).order_by(event_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        if tracker.get_slot(FORGET_SLOT):
            self.forget(tracker.sender_id)
            return
        try:
            await super().save(tracker)
        except StoreFailedError as error:
            # Rasa would put the conversation into a store in memory that nobody reads or deletes.
            logger.error("A conversation could not be kept: %s", error)

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        # An error of the database quotes the statement and the values in it, and Rasa logs it.
        try:
            with super().session_scope() as session:
                yield session
        except Exception as error:
            raise StoreFailedError(_kind(error)) from None

    def forget(self, sender_id: str) -> int:
        """Delete every event of a conversation and say how many; StoreFailedError if it cannot."""
        with self.session_scope() as session:
            count = session.query(self.SQLEvent).filter_by(sender_id=sender_id).delete()
            session.commit()
            return int(count)

    def answer_to(
        self, sender_id: str, message_id: str, text: str, seconds: float
    ) -> list[dict[str, Any]] | None:
        """The bot's events after the message with this id and text of the last `seconds`.

        None where there is no such message; StoreFailedError where the database fails.
        """
        event = self.SQLEvent
        with self.session_scope() as session:
            own = session.query(event).filter(event.sender_id == sender_id)
            messages = own.filter(event.type_name == "user")
            recent = messages.filter(event.timestamp >= time.time() - seconds)
            following: int | None = None
            for row in recent.order_by(event.id.desc()).limit(MESSAGES_READ):
                said = json.loads(row.data)
                if (said.get("message_id"), said.get("text")) == (message_id, text):
                    answers = own.filter(event.type_name == "bot", event.id > row.id)
                    if following is not None:
                        answers = answers.filter(event.id < following)
                    return [json.loads(answer.data) for answer in answers.order_by(event.id)]
                following = row.id
        return None


def forget(sender_id: str) -> int:
    """Delete a conversation from the operator's store, from whichever process this is."""
    store = ForgettingTrackerStore.of_this_process or store_from_endpoints()
    return store.forget(sender_id)


def answer_to(
    sender_id: str, message_id: str, text: str, seconds: float
) -> list[dict[str, Any]] | None:
    """What was answered to a message that is in this process's store; None where there is none."""
    store = ForgettingTrackerStore.of_this_process
    return store.answer_to(sender_id, message_id, text, seconds) if store else None


def _kind(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "pgcode", None)
    kind = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return f"{kind} {code}" if code else kind


def store_from_endpoints() -> ForgettingTrackerStore:
    """The operator's store, for a process of its own."""
    config = read_endpoint_config(str(endpoints_file()), "tracker_store")
    settings = {} if config is None else dict(config.kwargs)
    return ForgettingTrackerStore(**settings)
