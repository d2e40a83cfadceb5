"""How sure are we: the evidence behind an answer."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    memory_of,
    remember,
    reviewed_content,
    say,
    topic_asked,
)
from editorial import replies


class ActionEvidence(Action):
    """Rates the topic of the button, or of the last answer."""

    def name(self) -> str:
        return "action_evidence"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        topic = topic_asked(tracker, content)
        said = (
            replies.evidence(content, topic)
            if topic
            else replies.menu(content, memory, "which_topic")
        )
        say(dispatcher, tracker, said)
        return remember(tracker, memory)
