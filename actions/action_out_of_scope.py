"""Turns away what is not ours."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say, text_of
from editorial import replies


class ActionOutOfScope(Action):
    """Names the kind of question where it is known."""

    def name(self) -> str:
        return "action_out_of_scope"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(dispatcher, tracker, replies.out_of_scope(content, text_of(tracker), memory))
        return remember(tracker, memory)
