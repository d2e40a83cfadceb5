"""Random walks through the tour with the trained guide and a database that outlives it."""

import asyncio
import random
import re
from itertools import count

import pytest
from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.utils.endpoints import EndpointConfig

from channels.incoming import may_be_tapped
from channels.web import WebOutput
from editorial.content import load_content
from evaluation.model import newest_model
from evaluation.tour_walks import FORGED
from store.forgetting_store import ForgettingTrackerStore

WALKS, MOVES = 40, 14
TYPED = (
    "next",
    "go back",
    "skip this",
    "step 4",
    "where was I",
    "tour",
    "stop",
    "back to the tour",
)
ASKED = ("what are short chain fatty acids", "is kefir any good", "who won the football", "thanks")
EMERGENCY = "my throat is closing up and I can't breathe"
TOUR = load_content().tour
HEADER = re.compile(r"Step (\d) of (\d) · ")


@pytest.fixture(scope="module")
def guide(tmp_path_factory, request):
    project = request.config.rootpath
    database = tmp_path_factory.mktemp("tour") / "conversations.db"

    async def load() -> Agent:
        endpoints = AvailableEndpoints(action=EndpointConfig.from_dict({"url": "in-process"}))
        agent = await load_agent(
            model_path=str(newest_model(project / "models")), endpoints=endpoints
        )
        restart(agent)
        return agent

    def restart(agent: Agent) -> None:
        """What a new process would begin with: the model, and the database."""
        store = ForgettingTrackerStore(agent.domain, db=str(database))
        agent.tracker_store = agent.processor.tracker_store = store

    before = ForgettingTrackerStore.of_this_process
    agent = asyncio.run(load())
    yield agent, restart
    ForgettingTrackerStore.of_this_process = before


def test_walks_with_the_agent_never_end_in_silence_or_lose_the_place(guide):
    agent, restart = guide
    chance, people = random.Random(7), count()

    async def say(sender: str, text: str) -> list[dict]:
        output = WebOutput(sender)
        await agent.handle_message(UserMessage(text, output, sender, input_channel="rest"))
        return output.messages

    async def walk() -> None:
        sender, shown, place, way = f"walker {next(people)}", ["/start_tour"], None, []
        for _ in range(MOVES):
            text = choose(chance, shown)
            if text is None:
                restart(agent)
                continue
            way.append(text)
            bubbles = await say(sender, text)
            assert bubbles, f"silence after {way}"
            buttons = [b for bubble in bubbles for b in bubble.get("buttons") or []]
            assert all(may_be_tapped(button["payload"]) for button in buttons), way
            shown += [button["payload"] for button in buttons]
            place = place_shown(bubbles) or place
            tracker = await agent.tracker_store.retrieve(sender)
            kept = tracker.get_slot("tour") or {}
            if place and kept.get("status") in ("running", "left", "stopped"):
                assert (kept["path"], kept["step"]) == place, way

    async def walk_all() -> None:
        for _ in range(WALKS):
            await walk()

    asyncio.run(walk_all())


def choose(chance: random.Random, shown: list[str]) -> str | None:
    """What is tapped or typed next; None for a restart."""
    drawn = chance.random()
    if drawn < 0.5:
        return chance.choice(shown[-4:])
    if drawn < 0.6:
        return chance.choice(shown)
    if drawn < 0.65:
        return chance.choice(FORGED)
    if drawn < 0.8:
        return chance.choice(TYPED)
    if drawn < 0.9:
        return chance.choice(ASKED)
    return EMERGENCY if drawn < 0.95 else None


def place_shown(bubbles: list[dict]) -> tuple[str, int] | None:
    """The step that was shown, as (path, number)."""
    for bubble in bubbles:
        custom = bubble.get("custom") or {}
        if isinstance(custom.get("step"), int):
            header = HEADER.match(bubble["text"])
            assert header, bubble["text"]
            assert int(header[1]) == custom["step"] <= len(TOUR.paths[custom["path"]].steps)
            return custom["path"], custom["step"]
        if custom.get("step") == "end":
            return custom["path"], len(TOUR.paths[custom["path"]].steps)
    return None
