"""A SQL tracker store that can forget a conversation, and whose cost per message stays flat.

Rasa's own stores cannot delete, read every event of a session for every message, and put what
people wrote into the error log when the database fails.
"""

import itertools
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config
from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)

FORGET_SLOT = "forget_conversation"
ENDPOINTS = Path("endpoints.yml")

# About ten turns, and below the last answer's slots, which it writes all anew
# (actions/conversation.py). The older events stay in the database.
EVENTS_READ = 160
SLOT_EVENTS_READ = 20  # all slots once over, however long ago they were written
STORED = "events_stored"  # attribute of a tracker: how many of its events the database has
MESSAGES_READ = 20  # among these a message that was sent again is looked for

_LAST_EVENTS = sa.text("""
    WITH own AS (
        SELECT id, type_name FROM events
        WHERE sender_id = :sender AND timestamp >= COALESCE(
            (SELECT MAX(timestamp) FROM events
             WHERE sender_id = :sender AND type_name = 'session_started'), 0)
    )
    SELECT data FROM events WHERE id IN (
        SELECT id FROM (SELECT id FROM own ORDER BY id DESC LIMIT :events) AS latest
        UNION
        SELECT id FROM (SELECT id FROM own WHERE type_name = 'slot'
                        ORDER BY id DESC LIMIT :slots) AS latest_slots
    ) ORDER BY id
""").bindparams(events=EVENTS_READ, slots=SLOT_EVENTS_READ)
# Without it, finding the session's start means reading the whole conversation.
_SESSION_STARTS = sa.text("""
    CREATE INDEX IF NOT EXISTS session_starts ON events (sender_id, timestamp)
    WHERE type_name = 'session_started'
""")


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
        db: str = "conversations.db",
        **kwargs: Any,
    ) -> None:
        super().__init__(domain=domain, dialect=dialect, host=host, port=port, db=db, **kwargs)
        self._index_session_starts()
        ForgettingTrackerStore.of_this_process = self

    def _index_session_starts(self) -> None:
        try:
            with self.session_scope() as session:
                session.execute(_SESSION_STARTS)
                session.commit()
        except StoreFailedError as error:  # another replica may be making it at this moment
            logger.warning("The index of session starts was not made: %s", error)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        """The session's last events; all of them where everything is asked for."""
        if fetch_events_from_all_sessions or not self.domain:
            return await super()._retrieve(sender_id, fetch_events_from_all_sessions)
        with self.session_scope() as session:
            events = [json.loads(row.data) for row in _last_events(session, sender_id)]
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        setattr(tracker, STORED, len(tracker.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write what is new, in one statement; nothing at all for a conversation without events."""
        if tracker.get_slot(FORGET_SLOT):
            self.forget(tracker.sender_id)
            return
        await self.stream_events(tracker)
        if not tracker.events:
            return
        stored = getattr(tracker, STORED, None)
        if stored is None:  # not read by this store
            with self.session_scope() as session:
                stored = len(_last_events(session, tracker.sender_id))
        new = itertools.islice(tracker.events, stored, None)
        if rows := [_row(tracker.sender_id, event) for event in new]:
            self._insert(rows)
        setattr(tracker, STORED, len(tracker.events))

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        with self.session_scope() as session:
            session.execute(self.SQLEvent.__table__.insert(), rows)
            session.commit()

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


def _last_events(session: Session, sender_id: str) -> list[Any]:
    """The last events of the session, oldest first, and the last slots before them."""
    return list(session.execute(_LAST_EVENTS, {"sender": sender_id}))


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    """An event as Rasa's table has it."""
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _kind(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "pgcode", None)
    kind = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return f"{kind} {code}" if code else kind


def store_from_endpoints() -> ForgettingTrackerStore:
    """The operator's store, for a process of its own."""
    config = read_endpoint_config(str(ENDPOINTS), "tracker_store")
    settings = {} if config is None else dict(config.kwargs)
    return ForgettingTrackerStore(**settings)
