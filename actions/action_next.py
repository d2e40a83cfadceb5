"""Goes on to a related topic."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say
from editorial import replies


class ActionNext(Action):
    """Offers what is next to the last topic."""

    def name(self) -> str:
        return "action_next"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(dispatcher, tracker, replies.next_topics(content, memory))
        return remember(tracker, memory)
