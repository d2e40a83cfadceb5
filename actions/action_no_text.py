"""Answers a message without words."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say
from editorial import replies


class ActionNoText(Action):
    """Says that words are needed."""

    def name(self) -> str:
        return "action_no_text"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(dispatcher, tracker, [replies.service(content, "no_text")])
        return remember(tracker, memory)
