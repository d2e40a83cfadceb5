"""A soak of the real guide: many chats, many messages, and a Telegram that misbehaves.

    python tests/telegram/soak.py --mode polling --chats 20 --messages 50

Every message is a tap on a topic's button, so that the answer tells which message it belongs to.
Prints what was measured as lines of a table; ends with 1 when an answer is missing, twice or out
of order.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from bot_api import BAD_GATEWAY, HUNG_UP, Chat, FakeBotApi, Fault, flood
from live_guide import PROJECT, LiveGuide

sys.path.insert(0, str(PROJECT))

from editorial.content import load_content

FAULTS = (flood(1), BAD_GATEWAY, HUNG_UP, Fault(seconds=0.5), BAD_GATEWAY, Fault(500, "oops"))
BREAKABLE = {"sendmessage", "getupdates", "answercallbackquery"}
SHARE_OF_FAULTS = 0.08
SHARE_OF_REPEATS = 0.2
FEW_WAITING = 60  # more messages come only when fewer than so many wait


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=["webhook", "polling"], default="polling")
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--messages", type=int, default=50)
    options = parser.parse_args()
    with FakeBotApi().running() as api, tempfile.TemporaryDirectory() as folder:
        guide = LiveGuide(Path(folder), api, options.mode)
        guide.furnish()
        try:
            guide.start()
            return soak(guide, options.chats, options.messages)
        finally:
            guide.kill()


def soak(guide: LiveGuide, count: int, messages: int) -> int:
    """Run it and print the figures; 1 when something was wrong."""
    api, chance = guide.api, random.Random(7)
    api.choose_fault = lambda method: _fault(chance, method)
    chats = [api.chat() for _ in range(count)]
    topics = sorted(load_content().topics)
    memory: list[float] = []
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(guide, memory, ended), daemon=True)
    watch.start()
    began = time.monotonic()
    for number in range(messages):
        # Across chats in any order, within a chat in its own.
        order = chance.sample(chats, count)
        updates = [_tap(chat, topics[number % len(topics)], number) for chat in order]
        for update in updates:
            api.deliver(update)
        for update in updates:
            if chance.random() < SHARE_OF_REPEATS:
                api.deliver_again(update)
        wanted = count * (number + 1) - FEW_WAITING
        api.wait_until(lambda wanted=wanted: _answers(chats) >= wanted, 300)  # type: ignore[misc]
    api.wait_until(lambda: _answers(chats) >= count * messages, 300, lambda: guide.log)
    seconds = time.monotonic() - began
    api.quiet(3)
    ended.set()
    watch.join()
    wrong = [chat.id for chat in chats if not _is_right(chat, topics, messages)]
    faulty = [call for call in api.calls if call.method in BREAKABLE and call.status != 200]
    third = max(1, len(memory) // 3)
    print(f"| mode | {guide.mode} |")
    print(f"| chats x messages | {count} x {messages} |")
    print(f"| answers | {_answers(chats)} |")
    print(f"| chats with a missing, double or misplaced answer | {len(wrong)} |")
    print(f"| calls made to fail (slow ones not counted) | {len(faulty)} |")
    print(f"| seconds | {seconds:.0f} |")
    print(
        f"| memory after the first third, at the end (MB) | {memory[third]:.0f}, {memory[-1]:.0f} |"
    )
    return 1 if wrong else 0


def _tap(chat: Chat, topic: str, number: int) -> dict[str, object]:
    return chat.tapped(f"/ask_{topic}", {"message_id": 10_000 + number, **_place(chat)})


def _place(chat: Chat) -> dict[str, object]:
    return {"date": 1, "chat": chat.as_json()}


def _answers(chats: list[Chat]) -> int:
    return sum(len(chat.received) for chat in chats)


def _is_right(chat: Chat, topics: list[str], messages: int) -> bool:
    """One answer a message, and each with the button that only its topic has."""
    told = [_topic_of(message) for message in chat.received]
    return told == [topics[number % len(topics)] for number in range(messages)]


def _topic_of(message: dict[str, object]) -> str:
    rows = message["reply_markup"]["inline_keyboard"]  # type: ignore[index]
    return str(rows[0][0]["callback_data"]).split('"')[3]


def _fault(chance: random.Random, method: str) -> Fault | None:
    return (
        chance.choice(FAULTS) if method in BREAKABLE and chance.random() < SHARE_OF_FAULTS else None
    )


def _watch(guide: LiveGuide, memory: list[float], ended: threading.Event) -> None:
    while not ended.wait(0.5):
        memory.append(guide.memory_mb)


if __name__ == "__main__":
    sys.exit(main())
