"""Where an answer comes from, with links."""

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


class ActionSources(Action):
    """Cites the topic of the button, of the last answer, or the guide as a whole."""

    def name(self) -> str:
        return "action_sources"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        topic = topic_asked(tracker, content)
        said = (
            replies.sources(content, topic)
            if topic
            else [replies.service(content, "sources_general")]
        )
        say(dispatcher, tracker, said)
        return remember(tracker, memory)
