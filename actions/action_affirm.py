"""A "yes" on its own."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say
from editorial import replies


class ActionAffirm(Action):
    """After an answer it means "tell me more", otherwise the menu helps."""

    def name(self) -> str:
        return "action_affirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        topic = content.topics.get(memory.last_topic or "")
        said = replies.more(content, topic) if topic else replies.menu(content, memory)
        say(dispatcher, tracker, said)
        return remember(tracker, memory)
