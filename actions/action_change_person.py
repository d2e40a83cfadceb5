"""Forgets who the answers are for, and asks."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say
from editorial import replies


class ActionChangePerson(Action):
    """Clears the person and offers the choices."""

    def name(self) -> str:
        return "action_change_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(dispatcher, tracker, replies.ask_for_whom(content, memory))
        return remember(tracker, memory)
