"""Answers a message without words, or in a script the guide cannot read."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say, text_of
from editorial import replies


class ActionNoText(Action):
    """Says that words are needed, in English."""

    def name(self) -> str:
        return "action_no_text"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        say(dispatcher, tracker, [replies.service(content, _why(text_of(tracker)))])
        return remember(tracker, memory)


def _why(text: str) -> str:
    """Key of the text in content/service.yml."""
    return "other_language" if any(letter.isalpha() for letter in text) else "no_text"
