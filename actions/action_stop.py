"""Stops the guided tour and keeps the place."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    intent_of,
    memory_of,
    remember,
    reviewed_content,
    say_alone,
)
from actions.guided_tour import moved, show
from editorial import replies


class ActionStop(Action):
    """Outside the tour it says that we stop here."""

    def name(self) -> str:
        return "action_stop"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        there = moved(tracker)
        if there:
            return show(dispatcher, tracker, there)
        content, memory = reviewed_content(), memory_of(tracker)
        said = replies.about_the_guide(content, intent_of(tracker) or "stop", memory)
        say_alone(dispatcher, tracker, said)
        return remember(tracker, memory)
