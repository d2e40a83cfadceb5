"""The fixed reply to a red flag, or to a question only a health professional may answer."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    Domain,
    Events,
    intent_of,
    memory_of,
    parsed,
    place_of,
    remember,
    reviewed_content,
    say,
    say_alone,
    text_of,
)
from editorial import replies, tour
from editorial.models import Content, Level
from store.tour_counts import count


class ActionSafetyReply(Action):
    """Speaks first and, at levels E and C, alone."""

    def name(self) -> str:
        return "action_safety_reply"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        level, flag = _level_and_flag(tracker, content)
        said = replies.safety(content, level, flag)
        if level == "G":
            said += replies.near_scope(content, intent_of(tracker), text_of(tracker))
        if level not in ("E", "C"):
            said = replies.with_way_back(content, said, intent_of(tracker))
        memory.not_understood = 0
        if level == "G":
            say(dispatcher, tracker, said)
        else:
            say_alone(dispatcher, tracker, said)
            left, events = tour.leave(place_of(tracker))
            memory.tour = tour.kept(left)
            count(events)
        return remember(tracker, memory)


def _level_and_flag(tracker: Tracker, content: Content) -> tuple[Level, str | None]:
    safety = parsed(tracker, "safety")
    if safety.get("level") in ("E", "C", "S"):
        return safety["level"], safety.get("flag")
    alarm = _alarm_before(tracker)
    if alarm:
        return alarm
    if safety.get("level"):
        return safety["level"], safety.get("flag")
    # A tapped button carries no finding: its intent says which reply is meant.
    flag = replies.flag_of_intent(content, intent_of(tracker))
    return ("G", flag) if flag else ("E", None)


def _alarm_before(tracker: Tracker) -> tuple[Level, str | None] | None:
    """The emergency or crisis of the message before: who goes on as if nothing had been said
    is told once more.
    """
    messages = [event for event in tracker.events if event.get("event") == "user"]
    before = (messages[-2].get("parse_data") or {}).get("safety") if len(messages) > 1 else None
    if before and before.get("level") in ("E", "C"):
        return before["level"], before.get("flag")
    return None
