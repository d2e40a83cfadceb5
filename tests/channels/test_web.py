"""The website's channel: what it lets in, what it gives out, and what it does when all fails."""

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.message import Message
from sanic import Sanic

from channels.fallback import Fallback
from channels.incoming import as_words, clean, may_be_tapped
from channels.sender import pseudonym
from channels.settings import SettingError
from channels.web import WebInput
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content
from runtime import metrics

PROJECT = Path(__file__).resolve().parents[2]
FALLBACK = Fallback(load_content(), own_gate())
SENDER = "0b0c5d0e-6f7a-4b1c-9d2e-3f4a5b6c7d8e"
KEY = b"a key that only these tests know of"
KEPT_AS = pseudonym(KEY, "rest", SENDER)

Assistant = Callable[[UserMessage], Awaitable[Any]]


class Scripted:
    """An assistant that notes what reaches it and does what the test says."""

    def __init__(self) -> None:
        self.heard: list[UserMessage] = []
        self.does: Assistant = answer("Hello.")

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message)
        await self.does(message)


def answer(text: str, **more: object) -> Assistant:
    async def do(message: UserMessage) -> None:
        await message.output_channel.send_response(SENDER, {"text": text, **more})

    return do


@pytest.fixture(scope="module")
def assistant() -> Scripted:
    return Scripted()


@pytest.fixture(scope="module", autouse=True)
def no_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RATE_LIMIT", "0")
        yield


@pytest.fixture(scope="module")
def client(serve: Callable[[Sanic], str], assistant: Scripted) -> httpx.Client:
    app = Sanic("test_web", configure_logging=False)
    settings = WebSettings(timeout_seconds=0.3)
    channel = WebInput(FALLBACK, KEY, settings)
    app.blueprint(channel.blueprint(assistant), url_prefix="/webhooks/rest")
    return httpx.Client(base_url=serve(app))


@pytest.fixture(autouse=True)
def fresh(assistant: Scripted) -> None:
    assistant.heard.clear()
    assistant.does = answer("Hello.")


def post(client: httpx.Client, body: object) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/webhooks/rest/webhook", content=content)


def say(client: httpx.Client, message: str, **more: object) -> httpx.Response:
    return post(client, {"sender": SENDER, "message": message, **more})


def test_message_is_answered_as_every_rasa_client_expects(
    client: httpx.Client, assistant: Scripted
) -> None:
    reply = say(client, "does kefir help?")
    assert (reply.status_code, reply.json()) == (200, [{"recipient_id": SENDER, "text": "Hello."}])
    heard = assistant.heard[0]
    assert (heard.text, heard.sender_id, heard.input_channel) == (
        "does kefir help?",
        KEPT_AS,
        "rest",
    )


def test_text_buttons_and_custom_are_one_item_and_nothing_else_passes(
    client: httpx.Client, assistant: Scripted
) -> None:
    button = {"title": "More", "payload": "/more_detail"}
    custom = {"kind": "answer", "topic": "fibre"}
    assistant.does = answer(
        "Fibre.\n\nIt helps.",
        buttons=[{**button, "type": "postback"}],
        custom=custom,
        image="https://example.org/i.png",
        attachment={"a": 1},
        elements=[],
        response="answer:fibre",
    )
    item = {"recipient_id": SENDER, "text": "Fibre.\n\nIt helps."}
    assert say(client, "fibre").json() == [{**item, "buttons": [button], "custom": custom}]


def test_client_sets_neither_channel_nor_metadata(
    client: httpx.Client, assistant: Scripted
) -> None:
    """R3"""
    say(client, "hi", input_channel="telegram", metadata={"admin": "yes"}, stream=True)
    assert (assistant.heard[0].input_channel, assistant.heard[0].metadata) == ("rest", None)


def test_stream_parameter_changes_nothing(client: httpx.Client) -> None:
    body = {"sender": SENDER, "message": "hi"}
    reply = client.post("/webhooks/rest/webhook?stream=true", json=body)
    assert reply.json() == [{"recipient_id": SENDER, "text": "Hello."}]


BAD_BODIES = {
    "nothing": b"",
    "no json": b"{",
    "not utf-8": b'{"sender": "\xff", "message": "hi"}',
    "nested deep": b"[" * 60_000,
    "huge number": b"9" * 60_000,
    "null": None,
    "list": [],
    "string": "hi",
    "no keys": {},
    "no sender": {"message": "hi"},
    "no message": {"sender": SENDER},
    "sender null": {"sender": None, "message": "hi"},
    "sender number": {"sender": 5, "message": "hi"},
    "sender empty": {"sender": "", "message": "hi"},
    "sender long": {"sender": "a" * 129, "message": "hi"},
    "sender with space": {"sender": "a b", "message": "hi"},
    "sender with line end": {"sender": "ab\n", "message": "hi"},
    "sender not ascii": {"sender": "é", "message": "hi"},
    "message null": {"sender": SENDER, "message": None},
    "message number": {"sender": SENDER, "message": 5},
    "message object": {"sender": SENDER, "message": {"text": "hi"}},
    "message long": {"sender": SENDER, "message": "a" * 10_001},
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_bad_body_is_refused_with_a_reason(
    client: httpx.Client, assistant: Scripted, body: object
) -> None:
    """R1"""
    reply = post(client, body)
    assert reply.status_code == 400
    assert len(reply.json()["error"]) > 10
    assert not assistant.heard


def test_body_over_64_kb_is_refused_and_the_next_one_served(client: httpx.Client) -> None:
    """R1"""
    assert post(client, b" " * 70_000).status_code == 413
    assert say(client, "hi").status_code == 200


def test_message_of_10_000_characters_reaches_the_assistant(
    client: httpx.Client, assistant: Scripted
) -> None:
    """R1"""
    assert say(client, "ü" * 10_000).status_code == 200
    # With blanks in it, since nothing that takes words apart is made for such a long one.
    assert assistant.heard[0].text.replace(" ", "") == "ü" * 10_000


@pytest.mark.parametrize(
    "message", ["", "   ", "\n\t", "\x00", "\x00\x1b\x7f", "\ud800", "/", "//"]
)
def test_message_without_words_is_answered(
    client: httpx.Client, assistant: Scripted, message: str
) -> None:
    assert say(client, message).json()[0]["text"] == "Hello."
    assert assistant.heard[0].text == ""


def test_control_characters_go_and_lines_stay(client: httpx.Client, assistant: Scripted) -> None:
    say(client, "my\x00 skin\x1b[31m\n\tis red \ud83d")
    assert assistant.heard[0].text == "my skin[31m\n\tis red"


def test_emoji_stays(client: httpx.Client, assistant: Scripted) -> None:
    say(client, "👨‍👩‍👧 😢")
    assert assistant.heard[0].text == "👨‍👩‍👧 😢"


PAYLOADS = [
    "/ask_fibre",
    "/greet",
    '/next{"step":"3"}',
    '/ask_stress{"person": "child"}',
    "/stop{}",
]
TYPED_COMMANDS = [
    "/report_urgent",
    "/report_distress{}",
    "/nlu_fallback",
    "/session_start",
    "/out_of_scope",
    "/unknown",
    "/ASK_FIBRE",
    "/ask_fibre hello",
    " /ask_fibre",
    "/ask_fibre\n",
    "/ask_fibre@0.3",
    "/ask_fibre{",
    '/ask_fibre{"person"}',
    '/ask_fibre["child"]',
    '/ask_fibre{"person": 1}',
    '/ask_fibre{"person": "A child"}',
    '/ask_fibre{"person": ["child"]}',
    '/ask_fibre{"a b": "child"}',
    '/next{"step":"' + "9" * 41 + '"}',
    "\x00/report_urgent",
    "\u00a0/\u2003/report_urgent",
    "//report_urgent",
]


@pytest.mark.parametrize("message", PAYLOADS)
def test_tapped_button_passes_as_it_is(message: str) -> None:
    """R2"""
    assert clean(message) == message


@pytest.mark.parametrize("message", TYPED_COMMANDS)
def test_typed_command_is_only_words_to_rasa(message: str) -> None:
    """R2"""
    text = UserMessage(clean(message)).text
    assert not may_be_tapped(message)
    assert YAMLStoryReader.unpack_regex_message(Message({"text": text})).get("intent") is None
    assert not text.startswith("/")


def test_words_after_a_slash_reach_the_safety_gate() -> None:
    assert as_words("/my throat is closing") == "my throat is closing"
    assert as_words("can't breathe and/or swallow") == "can't breathe and/or swallow"


def test_settings_can_narrow_but_never_open_the_safety_intents() -> None:
    """R2"""
    assert not may_be_tapped("/ask_fibre", ["greet"])
    assert not may_be_tapped("/report_urgent", ["*"])


async def too_slow(_: UserMessage) -> None:
    await asyncio.sleep(5)


async def silent(_: UserMessage) -> None:
    pass


async def broken(message: UserMessage) -> None:
    raise RuntimeError(f"could not store {message.text!r}")


async def half_broken(message: UserMessage) -> None:
    await answer("Some tips")(message)
    await broken(message)


async def broken_after_safety_words(message: UserMessage) -> None:
    await answer("Call now.", custom={"kind": "safety", "level": "E"})(message)
    await broken(message)


@pytest.mark.parametrize("trouble", [too_slow, silent, broken, half_broken, answer("")])
def test_trouble_is_told_kindly(
    client: httpx.Client, assistant: Scripted, trouble: Assistant
) -> None:
    assistant.does = trouble
    reply = say(client, "hi")
    (sorry,) = FALLBACK.items("hi")
    assert (reply.status_code, reply.json()) == (200, [{"recipient_id": SENDER, **sorry}])
    assert {contact["display"] for contact in sorry["custom"]["contacts"]} == {"000", "111"}


@pytest.mark.parametrize("trouble", [too_slow, silent, broken, half_broken, answer("")])
def test_emergency_is_answered_as_one_whatever_broke(
    client: httpx.Client, assistant: Scripted, trouble: Assistant
) -> None:
    assistant.does = trouble
    (reply,) = say(client, "my son's lips are swelling and he can't breathe").json()
    assert (reply["custom"]["kind"], reply["custom"]["level"]) == ("safety", "E")
    assert "000" in reply["text"] and "111" in reply["text"]


def test_assistant_that_never_gives_way_cannot_hold_up_an_answer(
    client: httpx.Client, assistant: Scripted
) -> None:
    """It waits for what comes after the answer, so in the server's own loop both would wait."""
    may_end = threading.Event()

    async def stuck(_: UserMessage) -> None:
        may_end.wait(60)

    assistant.does = stuck
    try:
        assert say(client, "my throat is closing up").json()[0]["custom"]["level"] == "E"
        assert say(client, "what is eczema").json()[0]["custom"]["kind"] == "service"
    finally:
        may_end.set()


def test_answer_that_says_sorry_is_counted_and_no_other(
    client: httpx.Client, assistant: Scripted
) -> None:
    def counted() -> float:
        labels = {"channel": "rest"}
        return metrics.REGISTRY.get_sample_value("guide_sorry_answers_total", labels) or 0.0

    before = counted()
    say(client, "hi")
    assert counted() == before
    assistant.does = broken
    say(client, "hi")
    assert counted() == before + 1


def test_emergency_words_survive_a_later_failure(client: httpx.Client, assistant: Scripted) -> None:
    assistant.does = broken_after_safety_words
    assert [item["text"] for item in say(client, "hi").json()] == ["Call now."]


@pytest.mark.parametrize("trouble", [broken, too_slow])
def test_log_tells_the_failure_and_not_the_words(
    client: httpx.Client,
    assistant: Scripted,
    trouble: Assistant,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """R7"""
    assistant.does = trouble
    with caplog.at_level(logging.INFO):
        say(client, "my secret rash")
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "Error" in errors[0].getMessage()
    # Where it is stuck on its thread nobody can know.
    assert ("test_web.py" in errors[0].getMessage()) == (trouble is broken)
    assert "secret" not in caplog.text


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_channel_takes_its_settings_and_words_from_outside(in_a_folder: Path) -> None:
    channel = WebInput.from_credentials({"timeout_seconds": 3, "payload_intents": ["greet"]})
    assert channel.settings.timeout_seconds == 3
    assert channel.settings.payload_intents == ("greet",)
    (sorry,) = channel.fallback.items("hi")
    assert "000" in sorry["text"] and "111" in sorry["text"]
    assert WebInput.from_credentials(None).settings.timeout_seconds == 8


BAD_SETTINGS = [
    ({"timeout_seconds": "soon"}, "timeout_seconds"),
    ({"timeout_seconds": 0}, "timeout_seconds"),
    ({"time_out": 8}, "time_out"),
    ({"messages_per_sender": "many"}, "20 per minute"),
    ({"requests_per_address": "0 per minute"}, "20 per minute"),
    ({"allowed_origins": ["*"]}, "https://www.example.org"),
    ({"allowed_origins": ["https://example.org/"]}, "https://www.example.org"),
    ({"proxies": -1}, "proxies"),
    (["timeout_seconds"], "one setting a line"),
]


@pytest.mark.parametrize(("settings", "told"), BAD_SETTINGS)
def test_bad_setting_is_named_in_one_line(in_a_folder: Path, settings: Any, told: str) -> None:
    with pytest.raises(SettingError) as error:
        WebInput.from_credentials(settings)
    assert told in str(error.value)
    assert "channels.web.WebInput" in str(error.value) and "\n" not in str(error.value)


def test_settings_that_are_shipped_are_good(in_a_folder: Path) -> None:
    shipped = yaml.safe_load((PROJECT / "credentials.yml").read_text(encoding="utf-8"))
    WebInput.from_credentials(shipped["channels.web.WebInput"])


def test_channel_serves_the_path_every_rasa_client_knows() -> None:
    assert WebInput(FALLBACK, KEY, WebSettings()).url_prefix() == "rest"


def test_description_is_served_and_names_every_path(client: httpx.Client) -> None:
    described = yaml.safe_load(client.get("/webhooks/rest/openapi.yml").text)
    assert described["openapi"].startswith("3.1")
    assert {"/webhooks/rest/webhook", "/webhooks/rest/reset"} <= set(described["paths"])
