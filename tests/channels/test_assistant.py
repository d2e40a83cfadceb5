"""What is said when the store cannot keep a turn, for a while or for good."""

from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered

from channels import assistant
from channels.assistant import Assistant, OnNewMessage
from channels.fallback import Fallback
from components.safety.gate import own_gate
from editorial.content import load_content
from runtime import metrics
from runtime.turns import one_turn
from store.forgetting_store import StoreFailedError, UnreadError

FALLBACK = Fallback(load_content(), own_gate())
SAFETY = {"kind": "safety", "level": "E"}


class Store:
    """An assistant whose store fails so many times after the answer was said."""

    def __init__(
        self,
        failures: int,
        custom: dict[str, Any] | None = None,
        failure: type[StoreFailedError] = StoreFailedError,
    ) -> None:
        self.failures = failures
        self.failure = failure
        self.custom = custom
        self.asked = 0

    async def __call__(self, message: UserMessage) -> None:
        self.asked += 1
        said = {"text": f"Answer {self.asked}.", **({"custom": self.custom} if self.custom else {})}
        await message.output_channel.send_response(message.sender_id, said)
        if self.asked <= self.failures:
            raise self.failure("away")


class Broken:
    """An assistant that fails after it has said so much."""

    def __init__(self, said: dict[str, Any] | None) -> None:
        self.said = said

    async def __call__(self, message: UserMessage) -> None:
        if self.said:
            await message.output_channel.send_response(message.sender_id, self.said)
        raise ValueError(message.text)


class Output(CollectingOutputChannel):
    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        await self._persist_message(message)


async def nothing_earlier() -> None:
    return None


def counted() -> tuple[float, float]:
    """Answers that were not kept, and those that only said sorry."""
    return tuple(
        metrics.REGISTRY.get_sample_value(name, {"channel": "rest"}) or 0.0
        for name in ("guide_unkept_answers_total", "guide_sorry_answers_total")
    )


async def answer(store: OnNewMessage, earlier: Any = nothing_earlier) -> list[dict[str, Any]]:
    output = Output()
    message = UserMessage("is fibre good", output, "ann", input_channel="rest")
    return await Assistant(store, FALLBACK, 8).answer(message, output, earlier)


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "STORE_SECONDS", 0.3)
    monkeypatch.setattr(assistant, "STORE_PAUSE_SECONDS", 0.05)


async def test_store_that_comes_back_keeps_the_turn() -> None:
    store = Store(failures=2)
    assert await answer(store) == [{"text": "Answer 3."}]


async def test_store_that_stays_away_costs_the_memory_not_the_answer() -> None:
    (item,) = await answer(Store(failures=1000))
    assert item["text"].startswith("Answer ") and item["custom"] == {"kept": False}


async def test_answer_without_its_conversation_says_so_first() -> None:
    note, item = await answer(Store(failures=1000, failure=UnreadError))
    assert note["text"] == FALLBACK.without_memory()["text"]
    assert item["text"].startswith("Answer ")


@pytest.mark.parametrize("custom", [None, SAFETY])
async def test_answer_that_could_not_be_kept_is_told_as_one(
    custom: dict[str, Any] | None, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted()
    await answer(Store(failures=1000, custom=custom))
    assert "An answer was given, but could not be kept" in caplog.text
    assert "no proper answer" not in caplog.text
    assert "fibre" not in caplog.text and "Answer " not in caplog.text
    assert counted() == (before[0] + 1, before[1])


async def test_message_without_an_answer_is_told_as_one(caplog: pytest.LogCaptureFixture) -> None:
    before = counted()
    await answer(Broken(said=None))
    assert "A message got no proper answer" in caplog.text
    assert counted() == (before[0], before[1] + 1)


async def test_safety_reply_of_a_turn_that_broke_is_told_as_what_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = counted()
    (item,) = await answer(Broken(said={"text": "Call now.", "custom": SAFETY}))
    assert item["text"] == "Call now."
    assert "Of an answer that broke off, its safety reply was given" in caplog.text
    assert counted() == before


async def test_message_that_is_tried_several_times_is_one_turn() -> None:
    store = Store(failures=2)
    seen = set()

    async def ask(message: UserMessage) -> None:
        with one_turn(message) as turn:
            seen.add(id(turn))
            await store(message)

    await answer(ask)
    assert (store.asked, len(seen)) == (3, 1)


async def test_emergency_without_its_conversation_stands_alone() -> None:
    (item,) = await answer(Store(failures=1000, custom=SAFETY, failure=UnreadError))
    assert item["text"] == "Answer 1."


async def test_emergency_does_not_wait_for_the_store() -> None:
    store = Store(failures=1000, custom=SAFETY)
    (item,) = await answer(store)
    assert store.asked == 1
    assert item == {"text": "Answer 1.", "custom": {**SAFETY, "kept": False}}


async def test_message_without_an_id_is_not_answered_twice() -> None:
    store = Store(failures=1000)
    assert (await answer(store, earlier=None))[0]["text"] == "Answer 1."
    assert store.asked == 1


async def test_turn_that_was_kept_before_the_store_said_so_is_not_made_anew() -> None:
    store = Store(failures=1)
    found: list[list[dict[str, Any]] | None] = [None, [BotUttered("Answer 1.").as_dict()]]

    async def earlier() -> list[dict[str, Any]] | None:
        return found.pop(0)

    (item,) = await answer(store, earlier)
    assert (item["text"], store.asked) == ("Answer 1.", 1)
