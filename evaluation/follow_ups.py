"""Plays the follow-up dialogues of follow_ups.yml to the trained guide."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent, load_agent
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import ActionExecuted
from rasa.utils.endpoints import EndpointConfig

FILE = Path(__file__).with_name("follow_ups.yml")
ACTIONS = {
    "answer": "action_answer_topic",
    "more": "action_more_detail",
    "evidence": "action_evidence",
    "sources": "action_sources",
    "change": "action_change_person",
}


@dataclass(frozen=True)
class Turn:
    """What is typed, and what must answer; None where it does not matter."""

    say: str
    action: str
    topic: str | None = None
    person: str | None = None


@dataclass(frozen=True)
class Dialogue:
    """Turns of one conversation, in order."""

    name: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Played:
    """A dialogue and the first thing that went wrong in it, if anything did."""

    dialogue: Dialogue
    fault: str | None

    @property
    def is_right(self) -> bool:
        return self.fault is None


def dialogues(path: Path = FILE) -> list[Dialogue]:
    """The dialogues of a file."""
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Dialogue(row["name"], tuple(Turn(**turn) for turn in row["turns"])) for row in rows]


def play_all(model: Path, path: Path = FILE) -> list[Played]:
    """Every dialogue of a file, played to the model with its actions."""

    async def played() -> list[Played]:
        endpoints = AvailableEndpoints(action=EndpointConfig.from_dict({"url": "in-process"}))
        agent = await load_agent(model_path=str(model), endpoints=endpoints)
        return await play(agent, dialogues(path))

    return asyncio.run(played())


async def play(agent: Agent, played: Sequence[Dialogue]) -> list[Played]:
    """Each dialogue in a conversation of its own."""
    return [Played(each, await _fault(agent, each)) for each in played]


async def _fault(agent: Agent, dialogue: Dialogue) -> str | None:
    sender = f"follow-up {dialogue.name}"
    for turn in dialogue.turns:
        await agent.handle_text(turn.say, sender_id=sender)
        found = await _answered(agent, sender)
        wanted = {"action": ACTIONS[turn.action], "topic": turn.topic, "person": turn.person}
        wrong = [f"{k} {found[k]}, not {v}" for k, v in wanted.items() if v and found[k] != v]
        if wrong:
            return f"“{turn.say}”: {'; '.join(wrong)}"
    return None


async def _answered(agent: Agent, sender: str) -> dict[str, str | None]:
    tracker = await agent.tracker_store.retrieve(sender)
    assert tracker is not None
    acts = (event for event in reversed(tracker.events) if isinstance(event, ActionExecuted))
    names = (act.action_name for act in acts)
    return {
        "action": next(
            (
                n
                for n in names
                if n and n.startswith(("action_", "utter_")) and n != "action_listen"
            ),
            None,
        ),
        "topic": tracker.get_slot("last_topic"),
        "person": tracker.get_slot("person"),
    }
