"""The one door for topic answers, typed or tapped."""

import time

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    memory_of,
    remember,
    reviewed_content,
    say,
    text_of,
    topic_asked,
)
from editorial import replies


class ActionAnswerTopic(Action):
    """Answers the topic asked about, or the last one for another person."""

    def name(self) -> str:
        return "action_answer_topic"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        topic = topic_asked(tracker, content)
        if topic is None:
            say(dispatcher, tracker, replies.menu(content, memory, "which_topic"))
            return remember(tracker, memory)
        answer = replies.answer(content, topic, memory, time.time())
        say(dispatcher, tracker, [*replies.deflections(content, topic, text_of(tracker)), *answer])
        return remember(tracker, memory)
