"""What every action shares: the content, the memory in the slots, and a way to speak."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from editorial.content import Content, Topic, load_content
from editorial.replies import Memory, Reply
from editorial.tour import Place, kept, read_place, set_aside
from editorial.tour_replies import way_back

Domain = dict[str, Any]
Events = list[EventType]

TERMINAL = "cmdline"


@lru_cache(maxsize=1)
def reviewed_content() -> Content:
    """The content, read once for the life of the process."""
    return load_content()


def memory_of(tracker: Tracker) -> Memory:
    """What the slots remember; whoever answers speaks aside of the tour, unless it is the tour."""
    slots = tracker.slots
    return Memory(
        person=slots.get("person"),
        last_topic=slots.get("last_topic"),
        topic_before=slots.get("topic_before"),
        long_disclaimer_at=slots.get("long_disclaimer_at"),
        replies_given=int(slots.get("replies_given") or 0),
        gp_suggested_for=list(slots.get("gp_suggested_for") or []),
        not_understood=int(slots.get("not_understood") or 0) if is_unsure(tracker) else 0,
        tour=kept(set_aside(place_of(tracker))) if slots.get("tour") else None,
    )


def place_of(tracker: Tracker) -> Place:
    """Where in the guided tour the conversation is."""
    return read_place(tracker.slots.get("tour"), reviewed_content().tour)


def is_unsure(tracker: Tracker) -> bool:
    """True when the last message was not understood for sure."""
    return bool(parsed(tracker, "decision").get("unsure"))


def remember(tracker: Tracker, memory: Memory) -> Events:
    """Slot events for all that is remembered, changed or not: the store reads back the last
    turns only (store/forgetting_store.py).
    """
    return [SlotSet(name, value) for name, value in vars(memory).items()]


def say(dispatcher: CollectingDispatcher, tracker: Tracker, replies: Iterable[Reply]) -> None:
    """Answer; in the middle of the guided tour with the way back to it."""
    place = place_of(tracker)
    back = way_back(reviewed_content(), place) if place.is_open else []
    *before, last = replies
    say_alone(dispatcher, tracker, [*before, replace(last, buttons=(*last.buttons, *back))])


def say_alone(dispatcher: CollectingDispatcher, tracker: Tracker, replies: Iterable[Reply]) -> None:
    """Hand replies to the channel as they are; a terminal gets the text alone."""
    plain = tracker.get_latest_input_channel() == TERMINAL
    for reply in replies:
        buttons = [{"title": b.title, "payload": b.payload} for b in reply.buttons]
        custom = None if plain else reply.custom
        text = _with_contacts(reply) if plain else reply.text
        dispatcher.utter_message(text=text, buttons=buttons or None, json_message=custom or None)


def intent_of(tracker: Tracker) -> str:
    """Name of the intent of the last message."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def text_of(tracker: Tracker) -> str:
    """What was typed."""
    return str(tracker.latest_message.get("text") or "")


def parsed(tracker: Tracker, key: str) -> dict[str, Any]:
    """`safety` or `decision` of the last message, empty for a tapped button."""
    return dict(tracker.latest_message.get(key) or {})


def topic_asked(tracker: Tracker, content: Content) -> Topic | None:
    """The topic of a tapped button, of the intent, or of the answer before; None without any."""
    tapped = next(tracker.get_latest_entity_values("topic"), None)
    asked = intent_of(tracker).removeprefix("ask_")
    for topic_id in (tapped, asked, tracker.slots.get("last_topic")):
        if topic_id in content.topics:
            return content.topics[topic_id]
    return None


def topics_asked(tracker: Tracker, content: Content) -> list[Topic]:
    """The topics of a message that asks about more than one; else empty."""
    ids = [intent.removeprefix("ask_") for intent in parsed(tracker, "decision").get("topics", [])]
    return [content.topics[topic_id] for topic_id in ids if topic_id in content.topics]


def entities_of(tracker: Tracker) -> set[str]:
    """Names of the entities in the last message."""
    return {entity["entity"] for entity in tracker.latest_message.get("entities") or []}


def _with_contacts(reply: Reply) -> str:
    """A terminal cannot show contacts as links, so they follow as lines."""
    unsaid = [c for c in reply.custom.get("contacts", []) if c["display"] not in reply.text]
    lines = [
        f"{contact['name']} ({contact['country']}): {contact['display']}" for contact in unsaid
    ]
    return "\n".join([reply.text, *lines])
