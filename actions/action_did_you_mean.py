"""Asks back when a message was not understood for sure."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, parsed, remember, reviewed_content, say
from editorial import replies


class ActionDidYouMean(Action):
    """Offers up to three meanings."""

    def name(self) -> str:
        return "action_did_you_mean"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(
            dispatcher,
            tracker,
            replies.did_you_mean(
                content, parsed(tracker, "decision").get("candidates", []), memory
            ),
        )
        return remember(tracker, memory)
