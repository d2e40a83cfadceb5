"""A "no" on its own."""

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
    say_alone,
)
from editorial import replies
from editorial.tour_replies import way_back

SAFETY_REPLY = "action_safety_reply"


class ActionDeny(Action):
    """After a safety reply it takes a false alarm back; otherwise it asks what else."""

    def name(self) -> str:
        return "action_deny"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        content, memory = reviewed_content(), memory_of(tracker)
        false_alarm = _answered_before(tracker) == SAFETY_REPLY
        if false_alarm:
            # The alarm has left the tour, so its way back is offered here.
            back = way_back(content, place_of(tracker))
            said = replies.menu(content, memory, "not_happening_now", first=back)
            say_alone(dispatcher, tracker, said)
        else:
            say(dispatcher, tracker, replies.menu(content, memory, "anything_else"))
        return remember(tracker, memory)


def _answered_before(tracker: Tracker) -> str | None:
    """The action that answered the message before this one."""
    actions = [
        event.get("name")
        for event in tracker.events
        if event.get("event") == "action"
        and event.get("name") != "action_listen"
        and event.get("name") != "action_extract_slots"
    ]
    return actions[-1] if actions else None
