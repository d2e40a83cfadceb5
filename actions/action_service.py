"""Fixed answers about the guide itself."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    intent_of,
    memory_of,
    remember,
    reviewed_content,
    say,
)
from editorial import replies
from store.retention_setting import retention_days


class ActionService(Action):
    """The text is content/service.yml's, named by the intent."""

    def name(self) -> str:
        return "action_service"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        if intent_of(tracker) == "ask_privacy":
            said = replies.privacy(content, retention_days())
        else:
            said = replies.about_the_guide(content, intent_of(tracker), memory)
        say(dispatcher, tracker, said)
        return remember(tracker, memory)
