"""What the tour's actions share: the wish in a message, and what is said and counted."""

import time

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Events,
    intent_of,
    memory_of,
    place_of,
    remember,
    reviewed_content,
    say_alone,
    text_of,
)
from editorial.tour import ANSWER, PATH, QUIZ, STEP, Move, move, wish_of
from editorial.tour_replies import tour_replies
from store.tour_counts import count


def moved(tracker: Tracker) -> Move | None:
    """Where the last message leads in the tour; None where it is not about the tour."""
    tapped = {
        name: str(value)
        for name in (PATH, STEP, QUIZ, ANSWER)
        if (value := next(tracker.get_latest_entity_values(name), None))
    }
    wish = wish_of(intent_of(tracker), tapped, text_of(tracker))
    return move(reviewed_content().tour, place_of(tracker), wish)


def show(dispatcher: CollectingDispatcher, tracker: Tracker, there: Move) -> Events:
    """Say what is there, count it, and remember the place."""
    content, memory = reviewed_content(), memory_of(tracker)
    said = tour_replies(content, there.place, there.view, memory, time.time())
    say_alone(dispatcher, tracker, said)
    count(there.events)
    return remember(tracker, memory)
