"""Goes back: in the guided tour by a step, elsewhere to the topic before."""

import time

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, memory_of, remember, reviewed_content, say
from actions.guided_tour import moved, show
from editorial import replies


class ActionBack(Action):
    """After a question in between, the tour's step is shown again."""

    def name(self) -> str:
        return "action_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        there = moved(tracker)
        if there:
            return show(dispatcher, tracker, there)
        content, memory = reviewed_content(), memory_of(tracker)
        topic = content.topics.get(memory.topic_before or "")
        if topic is None:
            say(dispatcher, tracker, replies.menu(content, memory, "no_topic_before"))
        else:
            say(dispatcher, tracker, replies.answer(content, topic, memory, time.time()))
        return remember(tracker, memory)
