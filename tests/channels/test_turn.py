"""Turns of one conversation in several processes: the one that was overtaken is done anew."""

from pathlib import Path

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels import turn
from channels.fallback import Fallback
from channels.sender import pseudonym
from channels.turn import undisturbed
from channels.web import Incoming, WebInput
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content
from store.forgetting_store import ForgettingTrackerStore, OvertakenError

KEY = b"a key that only these tests know of"
ANN = pseudonym(KEY, "rest", "ann")
MESSAGE = Incoming("ann", "hi", "7d1f3a52-5a0e-4f0b-8a0e-2c1d9b8f7e6a")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ForgettingTrackerStore:
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    monkeypatch.setattr(turn, "LONGEST_PAUSE_SECONDS", 0)
    return ForgettingTrackerStore(domain=Domain.empty(), db=str(tmp_path / "conversations.db"))


@pytest.fixture
def channel() -> WebInput:
    return WebInput(Fallback(load_content(), own_gate()), KEY, WebSettings())


class Assistant:
    """Answers; meanwhile another process answers the next of `others` in the same conversation."""

    def __init__(self, store: ForgettingTrackerStore, others: list[tuple[str, str | None]]) -> None:
        self.store = store
        self.others = others
        self.turns = 0

    async def __call__(self, message: UserMessage) -> None:
        self.turns += 1
        tracker = await self.read()
        if self.others:
            await self.answer(await self.read(), *self.others.pop(0), f"Other {self.turns}.")
        text = f"Answer {self.turns}."
        await message.output_channel.send_response(message.sender_id, {"text": text})
        await self.answer(tracker, message.text, message.message_id, text)

    async def read(self) -> DialogueStateTracker:
        return await self.store.retrieve(ANN) or DialogueStateTracker.from_events(ANN, [])

    async def answer(
        self, tracker: DialogueStateTracker, text: str, message_id: str | None, said: str
    ) -> None:
        tracker.update(UserUttered(text, message_id=message_id))
        tracker.update(BotUttered(said))
        await self.store.save(tracker)


async def texts(store: ForgettingTrackerStore) -> list[str]:
    tracker = await store.retrieve(ANN)
    assert tracker is not None
    return [event.text for event in tracker.events]


async def test_message_that_was_overtaken_is_answered_anew_after_the_other_one(
    channel: WebInput, store: ForgettingTrackerStore
) -> None:
    assistant = Assistant(store, [("before", "another id")])
    items = await channel.answer_once(MESSAGE, assistant)
    assert [item["text"] for item in items] == ["Answer 2."]
    assert await texts(store) == ["before", "Other 1.", "hi", "Answer 2."]


async def test_message_that_another_process_answered_meanwhile_gets_that_answer(
    channel: WebInput, store: ForgettingTrackerStore
) -> None:
    assistant = Assistant(store, [("hi", MESSAGE.message_id)])
    items = await channel.answer_once(MESSAGE, assistant)
    assert [item["text"] for item in items] == ["Other 1."]
    assert await texts(store) == ["hi", "Other 1."]


async def test_message_without_an_id_is_answered_anew_too(
    channel: WebInput, store: ForgettingTrackerStore
) -> None:
    assistant = Assistant(store, [("before", None)])
    items = await channel.answer_once(MESSAGE._replace(message_id=None), assistant)
    assert [item["text"] for item in items] == ["Answer 2."]


async def test_message_that_is_overtaken_for_ever_gets_an_answer_nevertheless(
    channel: WebInput, store: ForgettingTrackerStore
) -> None:
    assistant = Assistant(store, [(f"number {n}", None) for n in range(100)])
    items = await channel.answer_once(MESSAGE, assistant)
    sorry = channel.addressed(MESSAGE, channel.fallback.items("hi"))
    assert (items, assistant.turns) == (sorry, turn.TRIES)


async def test_other_failure_is_not_tried_again() -> None:
    tries = []

    async def fail() -> None:
        tries.append(1)
        raise ConnectionError if len(tries) > 1 else OvertakenError

    with pytest.raises(ConnectionError):
        await undisturbed(fail)
    assert len(tries) == 2
