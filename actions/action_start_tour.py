"""Starts the guided tour, or offers to go on with it."""

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Domain, Events, place_of, reviewed_content
from actions.guided_tour import moved, show
from editorial.tour import Wish, move


class ActionStartTour(Action):
    """The paths to choose from, a path's first step, or the offer to continue."""

    def name(self) -> str:
        return "action_start_tour"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> Events:
        there = moved(tracker) or move(reviewed_content().tour, place_of(tracker), Wish("start"))
        assert there, "a start leads somewhere from every place"
        return show(dispatcher, tracker, there)
