"""Shows a new member where to start."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say
from editorial import replies


class ActionStartHere(Action):
    """Offers the first topics in a good order."""

    def name(self) -> str:
        return "action_start_here"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(dispatcher, tracker, replies.menu(content, memory, "start_here"))
        return remember(tracker, memory)
