"""Returns a greeting."""

import time

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    memory_of,
    place_of,
    remember,
    reviewed_content,
    say_alone,
)
from editorial import replies
from editorial.tour_replies import start_button, way_back


class ActionGreet(Action):
    """Hello, the long disclaimer once, the guided tour and first topics."""

    def name(self) -> str:
        return "action_greet"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        tour = way_back(content, place_of(tracker)) or [start_button(content)]
        say_alone(dispatcher, tracker, replies.greeting(content, memory, time.time(), tour))
        return remember(tracker, memory)
