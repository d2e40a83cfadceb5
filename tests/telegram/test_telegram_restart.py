"""What was accepted survives a restart; one process polls; Telegram's absence harms nobody."""

import asyncio
import time

import httpx
import pytest
from bench import Scripted, store_in
from bot_api import HUNG_UP, FakeBotApi

from store.forgetting_store import StoreFailedError, UnreadError

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def api():
    with FakeBotApi().running() as api:
        yield api


def stuck(message):
    return asyncio.sleep(60)


@pytest.mark.parametrize("crash", [True, False], ids=["killed", "stopped"])
def test_restart_in_the_middle_loses_nothing(mode, api, store, start, crash):
    """Also what was accepted while nothing could be answered."""
    chats = [api.chat() for _ in range(3)]
    with start(mode, api, store, Scripted(does=stuck), lease_seconds=1.0) as bot:
        for n in range(4):
            for chat in chats:
                chat.write(f"number {n}")
        wait_for_rows(bot, 12)
        if crash:
            bot.crash()
    assistant = Scripted()
    with start(mode, api, store, assistant, lease_seconds=1.0):
        for chat in chats:
            assert chat.wait_for(4) == [f"Heard: number {n}" for n in range(4)]
        api.quiet(0.3)
    assert len(assistant.heard) == 12
    assert [len(chat.received) for chat in chats] == [4, 4, 4]


def test_answer_that_was_ready_is_sent_after_a_restart_without_asking_again(
    mode, api, store, start
):
    chat = api.chat()
    api.choose_fault = lambda method: HUNG_UP if method == "sendmessage" else None
    with start(mode, api, store, Scripted(), lease_seconds=1.0) as bot:
        chat.write("hi")
        api.wait_until(lambda: bool(api.made("sendMessage")))
        bot.crash()
    api.choose_fault = lambda method: None
    assistant = Scripted()
    with start(mode, api, store, assistant, lease_seconds=1.0):
        assert chat.wait_for(1) == ["Heard: hi"]
        api.quiet(0.3)
    assert (len(chat.received), assistant.heard) == (1, [])


def test_answer_that_only_the_store_knows_is_found_there(mode, api, store, start):
    """The process ended after the conversation was saved and before the inbox was told."""
    chat = api.chat()

    async def saves_and_sticks(message):
        await Scripted().say(message, "Said before.")
        await asyncio.sleep(60)

    with start(mode, api, store, Scripted(does=saves_and_sticks), lease_seconds=1.0) as bot:
        chat.write("hi")
        deadline = time.monotonic() + 10
        while not bot.kept(chat.id):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        bot.crash()
    assistant = Scripted()
    with start(mode, api, store, assistant, lease_seconds=1.0):
        assert chat.wait_for(1) == ["Said before."]
    assert assistant.heard == []


def test_exactly_one_of_two_processes_polls_and_the_other_takes_over(api, tmp_path, start):
    chat = api.chat()
    first, second = store_in(tmp_path), store_in(tmp_path)
    with start("polling", api, first, Scripted(), lease_seconds=1.0) as one:
        # The second one waits for the lease, so it introduces nobody.
        api.is_down = True
        with start("polling", api, second, Scripted(), lease_seconds=1.0) as two:
            api.is_down = False
            for n in range(5):
                chat.write(f"{n}")
            chat.wait_for(5)
            assert (len(one.assistant.heard), len(two.assistant.heard)) == (5, 0)
            assert api.most_pollers == 1
            wait_for_rows(one, 0)
            one.crash()
            chat.write("still there?")
            assert chat.wait_for(6, 30)[5] == "Heard: still there?"
            assert two.assistant.heard == ["still there?"]


def test_update_that_another_process_accepted_is_answered_by_the_one_with_the_lease(
    api, tmp_path, start
):
    chat = api.chat()
    with start("webhook", api, store_in(tmp_path), Scripted()) as one:
        api.is_down = True
        with start("webhook", api, store_in(tmp_path), Scripted()) as two:
            api.is_down = False
            api.hosts = {"https://guide.example.org": two.url}
            chat.write("hi")
            assert chat.wait_for(1) == ["Heard: hi"]
            assert (one.assistant.heard, two.assistant.heard) == (["hi"], [])


def test_website_lives_when_telegram_is_down_at_start(mode, api, store, start):
    """T14"""
    api.is_down = True
    chat = api.chat()
    with start(mode, api, store, Scripted()) as bot:
        reply = httpx.post(f"{bot.url}/webhooks/telegram/webhook", json={})
        assert reply.status_code == 403  # it answers, and at once
        api.is_down = False
        api.wait_until(lambda: any(c.method == "setmyshortdescription" for c in api.calls))
        chat.write("hi")
        assert chat.wait_for(1) == ["Heard: hi"]


def test_store_that_fails_for_a_moment_costs_no_answer(mode, api, store, start, monkeypatch):
    chat = api.chat()
    with start(mode, api, store, Scripted()) as bot:
        inbox = bot.receiver.desk.reception.inbox
        accept, failures = inbox.accept, iter(range(2))

        def fails_twice(*arguments):
            if next(failures, None) is not None:
                raise OSError("disk full")
            return accept(*arguments)

        monkeypatch.setattr(inbox, "accept", fails_twice)
        chat.write("hi")
        assert chat.wait_for(1) == ["Heard: hi"]


def test_emergency_that_the_store_cannot_keep_is_answered_at_once(
    mode, api, store, start, monkeypatch
):
    """Once, from memory, and by its own reply; the assistant is not asked."""
    chat = api.chat()
    with start(mode, api, store, Scripted()) as bot:
        inbox = bot.receiver.desk.reception.inbox
        accept, failures = inbox.accept, iter(range(4))

        def fails(*arguments):
            if next(failures, None) is not None:
                raise OSError("disk full")
            return accept(*arguments)

        monkeypatch.setattr(inbox, "accept", fails)
        chat.write("my son's lips are swelling and he can't breathe")
        (reply,) = chat.wait_for(1)
        assert "000" in reply and "111" in reply
        api.quiet()
        assert (len(chat.received), bot.assistant.heard) == (1, [])


@pytest.fixture
def away(monkeypatch):
    """Has the inbox of a channel fail for good."""

    def fails(*_):
        raise OSError("disk full")

    return lambda bot: monkeypatch.setattr(bot.receiver.desk.reception.inbox, "accept", fails)


async def answers_without_keeping(message):
    said = {"text": f"Heard: {message.text}", "buttons": [{"title": "On", "payload": "/next"}]}
    await message.output_channel.send_response(message.sender_id, said)
    raise StoreFailedError("away")


async def answers_without_memory(message):
    await message.output_channel.send_response(message.sender_id, {"text": "Heard."})
    raise UnreadError("away")


def test_question_that_the_store_cannot_keep_is_answered_as_on_the_web(
    mode, api, store, start, away
):
    chat = api.chat()
    with start(mode, api, store, Scripted(does=answers_without_keeping)) as bot:
        away(bot)
        chat.write("is kefir good")
        assert chat.wait_for(1) == ["Heard: is kefir good"]
        assert chat.received[0]["reply_markup"]["inline_keyboard"]
        chat.tap("/ask_fibre", {"message_id": 1, "date": 1, "chat": chat.as_json()})
        assert chat.wait_for(2)[1] == "Heard: /ask_fibre"
        api.quiet()
        assert (len(chat.received), len(bot.assistant.heard)) == (2, 2)


def test_answer_without_its_conversation_says_so(mode, api, store, start, away, content):
    chat = api.chat()
    with start(mode, api, store, Scripted(does=answers_without_memory)) as bot:
        away(bot)
        chat.write("is kefir good")
        (text,) = chat.wait_for(1)
        assert text.startswith(content.fill(content.service["without_memory"][0]))
        assert text.endswith("Heard.")


def test_question_that_nothing_can_answer_is_told_so_in_time(
    mode, api, store, start, away, content
):
    chat = api.chat()
    with start(mode, api, store, Scripted(does=stuck)) as bot:
        away(bot)
        began = time.monotonic()
        chat.write("is kefir good")
        assert chat.wait_for(1) == [content.fill(content.service["something_broke"][0])]
        assert time.monotonic() - began < 8


def wait_for_rows(bot, count):
    deadline = time.monotonic() + 10
    while len(bot.rows("telegram_inbox")) != count:
        assert time.monotonic() < deadline, bot.rows("telegram_inbox")
        time.sleep(0.05)
