"""Goes on: in the guided tour to a step, elsewhere to a related topic."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    memory_of,
    place_of,
    remember,
    reviewed_content,
    say,
)
from actions.guided_tour import moved, show
from editorial import replies
from editorial.tour_replies import way_back


class ActionNext(Action):
    """A button of the tour says which step; without the tour, what is next to the last topic."""

    def name(self) -> str:
        return "action_next"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        there = moved(tracker)
        if there:
            return show(dispatcher, tracker, there)
        content, memory = reviewed_content(), memory_of(tracker)
        kept_place = way_back(content, place_of(tracker))
        say(dispatcher, tracker, replies.next_topics(content, memory, kept_place))
        return remember(tracker, memory)
