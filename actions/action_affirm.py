"""A "yes" on its own."""

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
from actions.guided_tour import show
from editorial import replies
from editorial.tour import Place, Wish, move


class ActionAffirm(Action):
    """At a step of the tour it means "next", after an answer "tell me more"."""

    def name(self) -> str:
        return "action_affirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory, place = reviewed_content(), memory_of(tracker), place_of(tracker)
        there = move(content.tour, place, Wish("next")) if _is_at_a_step(place) else None
        if there:
            return show(dispatcher, tracker, there)
        topic = content.topics.get(memory.last_topic or "")
        said = replies.more(content, topic) if topic else replies.menu(content, memory)
        say(dispatcher, tracker, said)
        return remember(tracker, memory)


def _is_at_a_step(place: Place) -> bool:
    return place.status == "running" and not place.aside
