"""Says where in the guided tour somebody is, or goes to the step they name."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, place_of, reviewed_content
from actions.guided_tour import moved, show
from editorial.tour import Wish, move


class ActionTourPlace(Action):
    """ "Where was I", "step 4", "the list of steps"."""

    def name(self) -> str:
        return "action_tour_place"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        there = moved(tracker) or move(reviewed_content().tour, place_of(tracker), Wish("place"))
        assert there, "every place can be told"
        return show(dispatcher, tracker, there)
