"""Deletes the conversation from the store."""

import asyncio
import logging

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, reviewed_content, say_alone
from editorial import replies
from store.forgetting_store import FORGET_SLOT, forget

logger = logging.getLogger(__name__)


class ActionDeleteMyData(Action):
    """Says "done" only once the database has forgotten."""

    def name(self) -> str:
        return "action_delete_my_data"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        try:
            await asyncio.to_thread(forget, tracker.sender_id)
        except Exception:  # whatever the database raises, the person must be told
            logger.exception("A conversation could not be deleted")
            said = replies.service(reviewed_content(), "data_delete_failed")
            say_alone(dispatcher, tracker, [said])
            return []
        say_alone(dispatcher, tracker, [replies.service(reviewed_content(), "data_deleted")])
        # The store must not write this turn back (store/forgetting_store.py).
        return [SlotSet(FORGET_SLOT, True)]
