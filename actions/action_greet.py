"""Returns a greeting."""

import time

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say
from editorial import replies


class ActionGreet(Action):
    """Hello, the long disclaimer once, and first topics."""

    def name(self) -> str:
        return "action_greet"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(dispatcher, tracker, replies.greeting(content, memory, time.time()))
        return remember(tracker, memory)
