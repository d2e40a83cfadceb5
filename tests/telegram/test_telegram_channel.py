"""T1–T17 of the Telegram channel; every test runs by webhook and by long polling."""

import asyncio
import logging
import time

import httpx
import pytest
from bot_api import BAD_GATEWAY, BAD_REQUEST, BLOCKED, HUNG_UP, TOKEN, USERNAME, Fault, flood

from runtime import metrics

SECRET = "X-Telegram-Bot-Api-Secret-Token"


def answering(bot, text="An answer", **more):
    async def do(message):
        await bot.assistant.say(message, text, **more)

    return do


def slow(bot, seconds):
    async def do(message):
        await asyncio.sleep(seconds)
        await bot.assistant.say(message, f"Heard: {message.text}")

    return do


def post(bot, update, secret):
    headers = {SECRET: secret} if secret is not None else {}
    return httpx.post(f"{bot.url}/webhooks/telegram/webhook", json=update, headers=headers)


# ---- T1, T2, T3, T4 ---------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "", "wrong", "ä"])
def test_forged_update_is_refused_and_nothing_is_sent(fresh, secret):
    """T1"""
    chat = fresh.api.chat()
    headers = [(SECRET.encode(), secret.encode())] if secret is not None else []
    url = f"{fresh.url}/webhooks/telegram/webhook"
    reply = httpx.post(url, json=chat.update("message", text="hi"), headers=headers)
    fresh.api.quiet(0.2)
    assert (reply.status_code, chat.received, fresh.assistant.heard) == (403, [], [])


def test_secret_goes_to_telegram_and_is_not_the_token(fresh, mode):
    """T1"""
    if mode == "polling":
        assert fresh.api.webhook == {}
        return
    assert fresh.api.webhook["secret_token"] == fresh.receiver.secret
    assert TOKEN not in fresh.receiver.secret and len(fresh.receiver.secret) >= 32


UNANSWERED = {
    "channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}},
    "edited_channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}},
    "inline_query": {
        "id": "1",
        "from": {"id": 1, "is_bot": False, "first_name": "S"},
        "query": "",
        "offset": "",
    },
    "poll": {
        "id": "1",
        "question": "?",
        "options": [],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
    },
    "poll_answer": {"poll_id": "1", "option_ids": []},
    "my_chat_member": {
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "S"},
        "date": 1,
        "old_chat_member": {
            "user": {"id": 1, "is_bot": True, "first_name": "G"},
            "status": "member",
        },
        "new_chat_member": {
            "user": {"id": 1, "is_bot": True, "first_name": "G"},
            "status": "kicked",
            "until_date": 0,
        },
    },
    "message_reaction": {
        "chat": {"id": 7, "type": "private"},
        "message_id": 1,
        "date": 1,
        "old_reaction": [],
        "new_reaction": [],
    },
    "something_of_next_year": {"id": 1},
}


@pytest.mark.parametrize("kind", UNANSWERED)
def test_update_that_asks_nothing_is_taken_once_and_not_answered(fresh, mode, kind):
    """T2"""
    update = fresh.api.numbered({kind: UNANSWERED[kind]})
    sent = len(fresh.api.made("sendMessage"))
    if mode == "webhook":
        assert post(fresh, update, fresh.receiver.secret).status_code == 200
    else:
        fresh.api.deliver(update)
    chat = fresh.api.chat()
    chat.write("and now?")
    chat.wait_for(1)
    assert len(fresh.api.made("sendMessage")) == sent + 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"hi"', b"{}", b'{"update_id": "x"}'])
def test_rubbish_with_the_right_secret_is_no_crash(fresh, body):
    """T2"""
    headers = {SECRET: fresh.receiver.secret}
    url = f"{fresh.url}/webhooks/telegram/webhook"
    assert httpx.post(url, content=body, headers=headers).status_code in (200, 400)


def test_update_that_comes_again_is_answered_once(fresh):
    """T3"""
    chat = fresh.api.chat()
    update = chat.write("is fibre good?")
    chat.wait_for(1)
    for _ in range(20):
        fresh.api.deliver_again(update)
    chat.write("thanks")
    chat.wait_for(2)
    fresh.api.quiet(0.3)
    assert chat.texts == ["Heard: is fibre good?", "Heard: thanks"]


def test_thousand_replayed_updates_give_no_second_answer(fresh):
    """T3"""
    chats = [fresh.api.chat() for _ in range(20)]
    updates = [chat.write(f"question {n}") for n in range(5) for chat in chats]
    for chat in chats:
        chat.wait_for(5, 60)
    for update in updates * 10:
        fresh.api.deliver_again(update)
    last = fresh.api.chat()
    last.write("the last one")
    last.wait_for(1, 60)
    if fresh.api.webhook:
        fresh.api.wait_until(lambda: not fresh.api._posting, 60)
    assert {len(chat.received) for chat in chats} == {5}
    assert len(fresh.assistant.heard) == 101


def test_update_is_acknowledged_while_the_assistant_thinks(fresh, mode):
    """T4"""
    fresh.assistant.does = slow(fresh, 5)
    chat = fresh.api.chat()
    update = chat.update("message", text="hello")
    if mode == "polling":
        polls = len(fresh.api.made("getUpdates"))
        fresh.api.deliver(update)
        fresh.api.wait_until(lambda: len(fresh.api.made("getUpdates")) > polls, 3)
    else:
        took = []
        for _ in range(5):  # the best of some: the machine may be busy
            began = time.monotonic()
            assert post(fresh, update, fresh.receiver.secret).status_code == 200
            took.append(time.monotonic() - began)
        assert min(took) < 0.2
    assert chat.received == []
    assert chat.wait_for(1) == ["Heard: hello"]


def test_chats_do_not_wait_for_each_other_and_a_chat_keeps_its_order(fresh):
    fresh.assistant.does = slow(fresh, 0.3)
    chats = [fresh.api.chat() for _ in range(6)]
    began = time.monotonic()
    for n in range(3):
        for chat in chats:
            chat.write(f"number {n}")
    for chat in chats:
        assert chat.wait_for(3) == [f"Heard: number {n}" for n in range(3)]
    assert time.monotonic() - began < 18 * 0.3


def test_updates_that_wait_are_taken_in_their_order_not_that_of_arrival(fresh):
    fresh.assistant.does = slow(fresh, 0.6)
    chat = fresh.api.chat()
    updates = [chat.update("message", text=f"number {n}") for n in range(4)]
    fresh.api.deliver(updates[0])
    time.sleep(0.2)
    for update in (updates[3], updates[1], updates[2]):
        fresh.api.deliver(update)
    assert chat.wait_for(4) == [f"Heard: number {n}" for n in range(4)]


# ---- T5, T6, T7: buttons ----------------------------------------------------------------------

BUTTONS = [
    {"title": "Tell me more", "payload": '/more_detail{"topic":"fibre"}'},
    {"title": "Sources", "payload": '/ask_sources{"topic":"fibre"}'},
    {"title": "Stress", "payload": "/ask_stress"},
]


def test_tap_is_acknowledged_at_once_and_the_buttons_go(fresh):
    """T5"""
    fresh.assistant.does = answering(fresh, buttons=BUTTONS)
    chat = fresh.api.chat()
    chat.write("fibre")
    chat.wait_for(1)
    fresh.assistant.does = slow(fresh, 3)
    began = time.monotonic()
    query = chat.tap(BUTTONS[0]["payload"])["callback_query"]["id"]
    acknowledged = lambda: [  # noqa: E731
        call
        for call in fresh.api.made("answerCallbackQuery")
        if call.params["callback_query_id"] == query
    ]
    fresh.api.wait_until(lambda: bool(acknowledged()), 3)
    assert acknowledged()[0].at - began < 1
    fresh.api.wait_until(lambda: "reply_markup" not in chat.received[0], 3)
    assert len(chat.received) == 1
    assert chat.wait_for(2)[1] == f"Heard: {BUTTONS[0]['payload']}"


def test_double_tap_is_one_wish(fresh):
    fresh.assistant.does = answering(fresh, buttons=BUTTONS)
    chat = fresh.api.chat()
    chat.write("fibre")
    chat.wait_for(1)
    message = dict(chat.received[0])
    chat.tap("/ask_stress", message)
    chat.tap("/ask_stress", message)
    chat.write("bye")
    chat.wait_for(3)
    assert fresh.assistant.heard == ["fibre", "/ask_stress", "bye"]


def test_tap_on_a_message_telegram_no_longer_shows_is_answered(fresh):
    chat = fresh.api.chat()
    old = {"message_id": 3, "date": 0, "chat": chat.as_json()}
    chat.tap('/next{"step":"3"}', old)
    assert chat.wait_for(1) == ['Heard: /next{"step":"3"}']


def test_buttons_stand_one_a_row(fresh):
    """T6"""
    fresh.assistant.does = answering(fresh, buttons=BUTTONS)
    chat = fresh.api.chat()
    chat.write("fibre")
    chat.wait_for(1)
    rows = chat.received[0]["reply_markup"]["inline_keyboard"]
    assert [[b["text"] for b in row] for row in rows] == [[b["title"]] for b in BUTTONS]


def test_payload_that_is_too_long_costs_its_button_not_the_answer(fresh):
    """T7"""
    bad = [{"title": "x", "payload": "/ask_" + "x" * 60}, {"title": "y", "payload": ""}]
    fresh.assistant.does = answering(fresh, buttons=[*bad, BUTTONS[2]])
    chat = fresh.api.chat()
    chat.write("fibre")
    chat.wait_for(1)
    assert len(chat.received[0]["reply_markup"]["inline_keyboard"]) == 1


# ---- T8, T9: text -----------------------------------------------------------------------------


def test_long_answer_is_split_and_keeps_every_word(fresh):
    """T8"""
    text = "\n\n".join(f"Paragraph {n} " + "🙂 word " * 60 for n in range(30))
    fresh.assistant.does = answering(fresh, text, buttons=BUTTONS)
    chat = fresh.api.chat()
    chat.write("all of it")
    fresh.api.wait_until(lambda: bool(chat.received and "reply_markup" in chat.received[-1]))
    assert " ".join(" ".join(chat.texts).split()) == " ".join(text.split())
    assert [("reply_markup" in m) for m in chat.received].count(True) == 1


def test_markup_in_words_is_shown_and_not_obeyed(fresh):
    """T9"""
    text = "<b>5 < 6 & 'x'</b> </a> &amp; <script>"
    fresh.assistant.does = answering(fresh, text)
    chat = fresh.api.chat()
    chat.write("hi")
    assert chat.wait_for(1) == [text]


def test_what_telegram_cannot_parse_is_sent_as_plain_text(fresh):
    """T9"""
    fresh.api.break_next("sendMessage", BAD_REQUEST)
    fresh.assistant.does = answering(fresh, "a < b", buttons=BUTTONS)
    chat = fresh.api.chat()
    chat.write("hi")
    assert chat.wait_for(1) == ["a < b"]
    call = fresh.api.made("sendMessage")[-1]
    assert "parse_mode" not in call.params
    assert "reply_markup" in call.params


def test_buttons_telegram_refuses_do_not_cost_the_answer(fresh):
    """T9"""
    fresh.api.break_next("sendMessage", BAD_REQUEST, BAD_REQUEST)
    chat = fresh.api.chat()
    chat.write("hi")
    assert chat.wait_for(1) == ["Heard: hi"]


# ---- T10: trouble -----------------------------------------------------------------------------


def test_flood_limit_is_waited_for(fresh):
    """T10"""
    fresh.api.break_next("sendMessage", flood(1))
    chat = fresh.api.chat()
    began = time.monotonic()
    chat.write("hi")
    assert chat.wait_for(1) == ["Heard: hi"]
    assert time.monotonic() - began >= 1


def test_blocked_bot_is_quiet_and_goes_on(fresh, caplog):
    """T10"""
    fresh.api.break_next("sendMessage", BLOCKED)
    chat, other = fresh.api.chat(), fresh.api.chat()
    with caplog.at_level(logging.WARNING):
        chat.write("hi")
        fresh.api.wait_until(lambda: not fresh.api.faults["sendmessage"])
        other.write("hi")
        other.wait_for(1)
    assert chat.received == []
    assert "Forbidden" not in caplog.text
    chat.write("I'm back")
    assert chat.wait_for(1) == ["Heard: I'm back"]


@pytest.mark.parametrize(
    "faults",
    [
        [BAD_GATEWAY] * 3,
        [Fault(500, "Internal Server Error"), Fault(503, "x")],
        [HUNG_UP] * 2,
        [Fault(seconds=1.0)],
        [HUNG_UP, flood(1), BAD_GATEWAY],
    ],
    ids=["502", "500 and 503", "hung up", "slow", "all"],
)
def test_answer_arrives_once_through_trouble(fresh, faults):
    """T10"""
    fresh.api.break_next("sendMessage", *faults)
    chat = fresh.api.chat()
    chat.write("hi")
    assert chat.wait_for(1) == ["Heard: hi"]
    fresh.api.quiet(0.2)
    assert len(chat.received) == 1
    assert fresh.assistant.heard == ["hi"]


def test_failed_acknowledgement_of_a_tap_costs_nothing(fresh):
    """T10"""
    fresh.api.break_next("answerCallbackQuery", Fault(400, "Bad Request: query is too old"))
    fresh.api.break_next("editMessageReplyMarkup", HUNG_UP)
    chat = fresh.api.chat()
    chat.tap("/ask_stress", {"message_id": 9, "date": 1, "chat": chat.as_json()})
    assert chat.wait_for(1) == ["Heard: /ask_stress"]


def test_polling_goes_on_after_trouble(fresh, mode):
    """T10"""
    if mode == "polling":
        conflict = Fault(409, "Conflict: terminated by other getUpdates request")
        fresh.api.break_next("getUpdates", BAD_GATEWAY, HUNG_UP, conflict, flood(1))
    chat = fresh.api.chat()
    for n in range(6):
        chat.write(f"{n}")
        chat.wait_for(n + 1)
    assert not fresh.api.faults["getupdates"]


def test_broken_assistant_is_told_kindly(fresh, content):
    async def broken(message):
        raise RuntimeError(f"could not store {message.text!r}")

    before = metrics.SORRY.labels("telegram")._value.get()
    fresh.assistant.does = broken
    chat = fresh.api.chat()
    chat.write("my secret rash")
    assert chat.wait_for(1) == [content.fill(content.service["something_broke"][0])]
    assert metrics.SORRY.labels("telegram")._value.get() == before + 1


def test_emergency_words_survive_a_later_failure(fresh):
    async def half(message):
        custom = {"kind": "safety", "level": "E"}
        answer = {"text": "Call now.", "custom": custom}
        await message.output_channel.send_response(message.sender_id, answer)
        raise RuntimeError

    fresh.assistant.does = half
    chat = fresh.api.chat()
    chat.write("hi")
    assert chat.wait_for(1) == ["Call now."]


# ---- T11: commands and profile ----------------------------------------------------------------


def test_menu_and_descriptions_are_set_from_content(fresh, content):
    """T11"""
    commands = fresh.api.made("setMyCommands")[-1].params["commands"]
    wanted = ["start", "help", "tour", "topics", "privacy", "delete", "stop"]
    assert [command["command"] for command in commands] == wanted
    described = fresh.api.made("setMyDescription")[-1].params["description"]
    assert described == content.fill(content.telegram.description)
    assert fresh.api.made("setMyShortDescription")[-1].params["short_description"]


COMMANDS = {
    "/start": "/greet",
    "/start tour": "/start_tour",
    "/start leaky_gut": "/ask_leaky_gut",
    "/start nonsense": "/greet",
    "/START": "/greet",
    f"/tour@{USERNAME}": "/start_tour",
    "/tour": "/start_tour",
    "/topics": "/help_menu",
    "/privacy": "/ask_privacy",
    "/stop": "/stop",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_answered(fresh, command):
    """T11"""
    chat = fresh.api.chat()
    chat.write(command)
    assert chat.wait_for(1)[0].endswith(f"Heard: {COMMANDS[command]}")
    assert ("chatbot, not a doctor" in chat.texts[0]) == command.lower().startswith("/start")


def test_help_names_the_commands(fresh):
    """T11"""
    chat = fresh.api.chat()
    chat.write("/help")
    text = chat.wait_for(1)[0]
    assert all(f"/{name}" in text for name in ("tour", "topics", "privacy", "delete", "stop"))
    assert fresh.assistant.heard == []


def test_words_behind_a_command_are_read(fresh):
    """T11: they may be urgent"""
    chat = fresh.api.chat()
    chat.write("/help my throat is closing")
    assert chat.wait_for(1) == ["Heard: help my throat is closing"]


def test_delete_deletes_conversation_and_inbox(fresh, content):
    """T11"""
    chat, other = fresh.api.chat(), fresh.api.chat()
    other.write("leave mine alone")
    for n in range(3):
        chat.write(f"my secret {n}")
    chat.wait_for(3)
    other.wait_for(1)
    assert fresh.kept(chat.id) > 0
    chat.write("/delete")
    assert chat.wait_for(4)[3] == content.fill(content.service["data_deleted"][0])
    assert fresh.kept(chat.id) == 0
    assert fresh.kept(other.id) > 0
    fresh.api.quiet(0.2)
    assert fresh.rows("telegram_inbox") == []
    whole = " ".join(mark for mark, _ in fresh.rows("telegram_seen"))
    assert "secret" not in whole and str(chat.id) not in whole


def test_deletion_that_fails_is_told(fresh, content, monkeypatch):
    """T11"""

    async def fails(chat):
        raise OSError("disk")

    monkeypatch.setattr(fresh.receiver.desk.answering, "forget", fails)
    chat = fresh.api.chat()
    chat.write("/delete")
    assert chat.wait_for(1) == [content.fill(content.service["data_delete_failed"][0])]


# ---- T12, T13: groups, and what cannot be read ------------------------------------------------


def test_group_is_referred_to_a_private_chat_and_only_now_and_then(fresh):
    """T12"""
    group = fresh.api.chat("supergroup")
    for text in ("my eczema is bad", "/start", "my throat is closing"):
        group.write(text)
    text = group.wait_for(1)[0]
    fresh.api.quiet(0.3)
    assert "in private" in text and "000" in text and "111" in text
    assert len(group.received) == 1
    assert fresh.assistant.heard == []
    button = group.received[0]["reply_markup"]["inline_keyboard"][0][0]
    assert button["url"] == f"https://t.me/{USERNAME}"


FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = {**FILE, "width": 1, "height": 1}
STICKER = {**PICTURE, "type": "regular", "is_animated": False, "is_video": False}
ATTACHED = {
    "voice": {"voice": {**FILE, "duration": 1}},
    "photo": {"photo": [PICTURE]},
    "video": {"video": {**PICTURE, "duration": 1}},
    "document": {"document": FILE},
    "sticker": {"sticker": STICKER},
    "location": {"location": {"latitude": 1.0, "longitude": 2.0}},
    "contact": {"contact": {"phone_number": "1", "first_name": "S"}},
    "dice": {"dice": {"emoji": "🎲", "value": 1}},
}


@pytest.mark.parametrize("kind", ATTACHED)
def test_what_cannot_be_read_is_answered_with_the_red_flag_line(fresh, content, kind):
    """T13"""
    chat = fresh.api.chat()
    chat.send(**ATTACHED[kind])
    text = chat.wait_for(1)[0]
    assert content.fill(content.telegram.text("red_flag")) in text
    assert "type your question" in text
    assert fresh.assistant.heard == []


def test_caption_is_read(fresh):
    """T13"""
    chat = fresh.api.chat()
    chat.send(photo=[PICTURE], caption="is this infected?")
    assert chat.wait_for(1)[0].endswith("Heard: is this infected?")


def test_caption_that_is_an_emergency_gets_that_reply_alone(fresh):
    """T13"""
    custom = {"kind": "safety", "level": "E"}
    fresh.assistant.does = answering(fresh, "Call now.", custom=custom)
    chat = fresh.api.chat()
    chat.send(photo=[PICTURE], caption="he can't breathe")
    assert chat.wait_for(1) == ["Call now."]


def test_forwarded_message_is_read_as_words(fresh):
    """T13"""
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Pat"}
    chat = fresh.api.chat()
    chat.write("/delete", forward_origin=origin)
    assert chat.wait_for(1)[0].endswith("Heard: delete")
    assert "forwarded" in chat.texts[0]


def test_edited_message_is_read_again(fresh):
    """T13"""
    chat = fresh.api.chat()
    chat.edit("my throat is closing")
    assert chat.wait_for(1)[0].endswith("Heard: my throat is closing")


def test_live_location_is_not_answered_at_every_step(fresh):
    """T13"""
    chat = fresh.api.chat()
    location = {"location": {"latitude": 1.0, "longitude": 2.0}}
    fresh.api.deliver(chat.update("edited_message", **location))
    chat.write("hi")
    assert chat.wait_for(1) == ["Heard: hi"]


def test_service_message_is_not_answered(fresh):
    """T2"""
    chat = fresh.api.chat()
    chat.send(message_auto_delete_timer_changed={"message_auto_delete_time": 86400})
    chat.write("hi")
    assert chat.wait_for(1) == ["Heard: hi"]


# ---- T15, T16, T17 ----------------------------------------------------------------------------


def test_token_is_in_no_log(fresh, caplog, capfd):
    """T15"""
    fresh.api.break_next(
        "sendMessage", BAD_GATEWAY, HUNG_UP, Fault(401, "Unauthorized"), BAD_REQUEST
    )
    fresh.api.break_next("getUpdates", Fault(401, "Unauthorized"))
    chat = fresh.api.chat()
    with caplog.at_level(logging.DEBUG):
        chat.write("hi")
        chat.wait_for(1)
        chat.write("again")
        chat.wait_for(2)
    output = capfd.readouterr()
    secret = TOKEN.split(":")[1]
    assert "rejects the token" in caplog.text
    assert secret not in caplog.text + output.out + output.err


def test_words_are_in_no_log(fresh, caplog):
    async def broken(message):
        raise RuntimeError(f"could not store {message.text!r}")

    fresh.assistant.does = broken
    chat = fresh.api.chat()
    with caplog.at_level(logging.INFO):
        chat.write("my secret rash")
        chat.wait_for(1)
    assert "secret" not in caplog.text


def test_both_modes_are_what_telegram_was_told(fresh, mode):
    """T16"""
    assert bool(fresh.api.webhook) == (mode == "webhook")
    if mode == "webhook":
        assert fresh.api.webhook["allowed_updates"] == [
            "message",
            "edited_message",
            "callback_query",
        ]
        assert not fresh.api.made("getUpdates") or fresh.api.made("getUpdates")[-1].status


TYPED = ["/ask_fibre", '/ask_fibre{"person":"child"}', "/report_urgent", "/restart", "//x /greet"]


@pytest.mark.parametrize("text", TYPED)
def test_typed_payload_is_only_words(fresh, text):
    """T17"""
    chat = fresh.api.chat()
    chat.write(text)
    chat.wait_for(1)
    assert not fresh.assistant.heard[0].startswith("/")


@pytest.mark.parametrize(
    "payload", ["/report_urgent", "/session_start", "/delete_everything", "hi"]
)
def test_forged_button_opens_nothing(fresh, payload):
    """T17"""
    chat = fresh.api.chat()
    chat.tap(payload, {"message_id": 9, "date": 1, "chat": chat.as_json()})
    chat.wait_for(1)
    assert not fresh.assistant.heard[0].startswith("/")


def test_sender_is_a_pseudonym(fresh):
    names = []

    async def note(message):
        names.append(message.sender_id)
        await fresh.assistant.say(message, "ok")

    fresh.assistant.does = note
    chat = fresh.api.chat()
    chat.write("hi")
    chat.wait_for(1)
    assert len(names[0]) == 64 and str(chat.id) not in names[0]


def test_chat_that_floods_is_told_once_and_others_are_served(fresh, monkeypatch):
    from channels.telegram import inbox

    monkeypatch.setattr(inbox, "WAITING_PER_CHAT", 5)
    fresh.assistant.does = slow(fresh, 0.5)
    chat, other = fresh.api.chat(), fresh.api.chat()
    for n in range(20):
        chat.write(f"number {n}")
    time.sleep(0.3)
    other.write("and me?")
    assert other.wait_for(1) == ["Heard: and me?"]
    fresh.assistant.does = None
    fresh.api.wait_until(lambda: "more messages than I can answer" in "".join(chat.texts[-1:]))
    fresh.api.quiet(0.3)
    assert sum("more messages than" in text for text in chat.texts) == 1
    assert len(chat.received) < 20
