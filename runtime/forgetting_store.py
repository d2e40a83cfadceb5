"""A SQL tracker store that can forget a conversation, and whose cost per message stays flat.

Rasa's own stores cannot delete, and read every event of a session for every message.
"""

from pathlib import Path
from typing import Any, ClassVar

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config
from sqlalchemy.orm import Query, Session

FORGET_SLOT = "forget_conversation"
ENDPOINTS = Path("endpoints.yml")

# About ten turns, and below the last answer's slots, which it writes all anew
# (actions/conversation.py). The older events stay in the database.
EVENTS_READ = 160
SLOT_EVENTS_READ = 20  # all slots once over, however long ago they were written


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
        else:
            await super().save(tracker)

    def forget(self, sender_id: str) -> None:
        """Delete every event of a conversation; raises what the database raises."""
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter_by(sender_id=sender_id).delete()
            session.commit()


def forget(sender_id: str) -> None:
    """Delete a conversation from the operator's store, from whichever process this is."""
    store = ForgettingTrackerStore.of_this_process or _store_from_endpoints()
    store.forget(sender_id)


def _store_from_endpoints() -> ForgettingTrackerStore:
    config = read_endpoint_config(str(ENDPOINTS), "tracker_store")
    settings = {} if config is None else dict(config.kwargs)
    return ForgettingTrackerStore(**settings)
