"""A SQL tracker store that can forget a conversation, which Rasa's own stores cannot."""

from pathlib import Path
from typing import Any, ClassVar

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config

FORGET_SLOT = "forget_conversation"
ENDPOINTS = Path("endpoints.yml")


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
