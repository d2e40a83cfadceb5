"""The one door for topic answers, typed or tapped."""

import time

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    entities_of,
    intent_of,
    memory_of,
    remember,
    reviewed_content,
    say,
    text_of,
    topic_asked,
    topics_asked,
)
from editorial import replies

FOLLOW_UP = "follow_up_person"


class ActionAnswerTopic(Action):
    """Answers the topics asked about, or the last one for another person."""

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
        topics = topics_asked(tracker, content)
        if len(topics) > 1:
            said = replies.several(content, topics, memory, time.time())
        else:
            if intent_of(tracker) == FOLLOW_UP:
                topic = replies.topic_for(content, topic, memory.person)
            said = replies.answer(content, topic, memory, time.time())
        first = replies.near_scope(content, intent_of(tracker), text_of(tracker))
        first += replies.deflections(content, topic, text_of(tracker), entities_of(tracker))
        say(dispatcher, tracker, [*first, *said])
        return remember(tracker, memory)
