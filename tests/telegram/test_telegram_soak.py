"""Many chats at once while Telegram misbehaves; tests/telegram/soak.py is the long one."""

import random

from bot_api import BAD_GATEWAY, HUNG_UP, Fault, flood

FAULTS = (flood(1), BAD_GATEWAY, HUNG_UP, Fault(seconds=0.2), BAD_GATEWAY)


def test_every_message_is_answered_once_and_in_order(fresh):
    chance = random.Random(7)
    faulty = {"sendmessage", "getupdates"}
    fresh.api.choose_fault = lambda method: (
        chance.choice(FAULTS) if method in faulty and chance.random() < 0.08 else None
    )
    chats = [fresh.api.chat() for _ in range(20)]
    for number in range(8):
        updates = [chat.write(f"number {number}") for chat in chats]
        for update in chance.sample(updates, 5):
            fresh.api.deliver_again(update)
    for chat in chats:
        chat.wait_for(8, 90)
    fresh.api.choose_fault = lambda method: None
    fresh.api.quiet(1)
    expected = [f"Heard: number {number}" for number in range(8)]
    assert [chat.texts for chat in chats] == [expected] * len(chats)
