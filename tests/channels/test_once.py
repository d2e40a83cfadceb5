"""R4: a message that is sent twice gets one answer, also while it is being given."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels import web
from channels.fallback import Fallback
from channels.once import InFlight
from channels.sender import pseudonym
from channels.web import Incoming, RefusedError, WebInput, read
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content
from store import forgetting_store
from store.forgetting_store import ForgettingTrackerStore

FALLBACK = Fallback(load_content(), own_gate())
SORRY = [{"recipient_id": "ann", **item} for item in FALLBACK.items("hi")]
KEY = b"a key that only these tests know of"
MESSAGE_ID = "7d1f3a52-5a0e-4f0b-8a0e-2c1d9b8f7e6a"
BUTTON = {"title": "More", "payload": "/more_detail"}


class Assistant:
    """Answers with a number that rises, and keeps the conversation as Rasa does."""

    def __init__(self, store: ForgettingTrackerStore) -> None:
        self.store = store
        self.heard: list[str] = []
        self.may_answer = threading.Event()  # it is asked on a thread of its own
        self.may_answer.set()

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message.text)
        await asyncio.to_thread(self.may_answer.wait, 10)
        text = f"Answer {len(self.heard)}."
        said = {"text": text, "buttons": [BUTTON], "custom": {"kind": "answer"}}
        await message.output_channel.send_response(message.sender_id, said)
        await message.output_channel.send_response(message.sender_id, {"text": "And more."})
        tracker = await self.store.retrieve(message.sender_id) or tracker_of(message.sender_id)
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered(message.text, message_id=message.message_id))
        data = {"buttons": [BUTTON], "custom": {"kind": "answer"}, "image": None}
        tracker.update(BotUttered(text, data))
        tracker.update(BotUttered("And more."))
        await self.store.save(tracker)


def tracker_of(sender: str) -> DialogueStateTracker:
    return DialogueStateTracker.from_events(sender, [])


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ForgettingTrackerStore:
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    return ForgettingTrackerStore(domain=Domain.empty(), db=str(tmp_path / "conversations.db"))


@pytest.fixture
async def assistant(store: ForgettingTrackerStore) -> Assistant:
    return Assistant(store)


@pytest.fixture
def channel() -> WebInput:
    return new_channel()


def new_channel() -> WebInput:
    return WebInput(FALLBACK, KEY, WebSettings())


def message(text: str = "hi", sender: str = "ann", message_id: str = MESSAGE_ID) -> Incoming:
    return Incoming(sender, text, message_id)


async def test_same_message_gets_the_same_answer_and_is_kept_once(
    channel: WebInput, assistant: Assistant, store: ForgettingTrackerStore
) -> None:
    first = await channel.answer_once(message(), assistant)
    again = await channel.answer_once(message(), assistant)
    assert again == first
    assert first[0] == {
        "recipient_id": "ann",
        "text": "Answer 1.",
        "buttons": [BUTTON],
        "custom": {"kind": "answer"},
    }
    assert len(assistant.heard) == 1
    tracker = await store.retrieve(pseudonym(KEY, "rest", "ann"))
    assert tracker is not None
    assert sum(isinstance(event, UserUttered) for event in tracker.events) == 1


async def test_message_sent_again_while_it_is_answered_waits_for_that_answer(
    channel: WebInput, assistant: Assistant
) -> None:
    assistant.may_answer.clear()
    both = [asyncio.create_task(channel.answer_once(message(), assistant)) for _ in range(2)]
    async with asyncio.timeout(10):
        while not assistant.heard:
            await asyncio.sleep(0.01)
    assistant.may_answer.set()
    first, second = await asyncio.gather(*both)
    assert first == second
    assert len(assistant.heard) == 1


async def test_another_process_or_a_restart_knows_the_answer_too(assistant: Assistant) -> None:
    first = await new_channel().answer_once(message(), assistant)
    assert await new_channel().answer_once(message(), assistant) == first
    assert len(assistant.heard) == 1


async def test_answer_is_the_one_to_that_message_and_not_to_a_later_one(
    channel: WebInput, assistant: Assistant
) -> None:
    first = await channel.answer_once(message(), assistant)
    await channel.answer_once(message("more", message_id=MESSAGE_ID[::-1]), assistant)
    assert await channel.answer_once(message(), assistant) == first
    assert len(first) == 2


@pytest.mark.parametrize(
    "other",
    [message(sender="bob"), message("I can't breathe"), message(message_id=MESSAGE_ID[::-1])],
    ids=["another sender", "other words", "another id"],
)
async def test_what_is_not_the_same_message_gets_its_own_answer(
    channel: WebInput, assistant: Assistant, other: Incoming
) -> None:
    await channel.answer_once(message(), assistant)
    answer = await channel.answer_once(other, assistant)
    assert answer[0]["text"] == "Answer 2."


async def test_after_the_time_it_is_a_new_message(
    channel: WebInput, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "REPEAT_SECONDS", -1)
    monkeypatch.setattr(forgetting_store, "REPEAT_SECONDS", -1)
    await channel.answer_once(message(), assistant)
    assert (await channel.answer_once(message(), assistant))[0]["text"] == "Answer 2."


async def test_failed_answer_is_not_repeated_but_tried_again(
    channel: WebInput, assistant: Assistant
) -> None:
    async def broken(_: UserMessage) -> None:
        raise RuntimeError

    assert await channel.answer_once(message(), broken) == SORRY
    assert (await channel.answer_once(message(), assistant))[0]["text"] == "Answer 1."


async def test_store_that_fails_takes_nobodys_answer(
    channel: WebInput,
    assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionError(" ".join(("my", "secret")))

    monkeypatch.setattr(web, "answer_to", fail)
    assert (await channel.answer_once(message(), assistant))[0]["text"] == "Answer 1."
    assert "ConnectionError" in caplog.text and "my secret" not in caplog.text


async def test_first_one_hanging_up_does_not_take_the_answer_from_the_second() -> None:
    table: InFlight[str] = InFlight()
    go_on = asyncio.Event()

    async def work() -> str:
        await go_on.wait()
        return "answer"

    first = asyncio.create_task(table.do("id", work))
    second = asyncio.create_task(table.do("id", work))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    go_on.set()
    assert await second == "answer"


async def test_nothing_is_remembered_once_the_work_has_ended() -> None:
    table: InFlight[str] = InFlight()

    async def work() -> str:
        return "answer"

    await asyncio.gather(*(table.do(number, work) for number in range(100)))
    await asyncio.sleep(0)
    assert len(table) == 0


@pytest.mark.parametrize("message_id", ["", "1", MESSAGE_ID[:-1], MESSAGE_ID + "0", 5, None])
def test_message_id_that_is_no_uuid_is_refused(message_id: object) -> None:
    body = {"sender": "ann", "message": "hi", "message_id": message_id}
    with pytest.raises(RefusedError, match="message_id"):
        read(json.dumps(body).encode())


def test_case_of_a_message_id_does_not_matter() -> None:
    body = {"sender": "ann", "message": "hi", "message_id": MESSAGE_ID.upper()}
    assert read(json.dumps(body).encode()).message_id == MESSAGE_ID
