"""The website's channel: POST /webhooks/rest/webhook, strict about what it reads."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.assistant import Assistant, assistant_thread
from channels.cross_origin import allow_origins
from channels.fallback import Fallback
from channels.incoming import clean
from channels.once import InFlight
from channels.rate_limit import client_address, rate_limit
from channels.readable import readable
from channels.sender import pseudonym, sender_key
from channels.settings import read_settings
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content
from runtime import metrics
from runtime.error_log import without_values
from store.forgetting_store import REPEAT_SECONDS, answer_to, forget

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

Items = list[dict[str, Any]]

MAX_BODY_BYTES = 64 * 1024
MAX_CHARACTERS = 10_000
SENDER = re.compile(r"[A-Za-z0-9_-]{1,128}")
MESSAGE_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DESCRIPTION = Path(__file__).with_name("web.openapi.yml")


class Incoming(NamedTuple):
    """A request that was understood."""

    sender: str
    message: str
    message_id: str | None = None


class RefusedError(Exception):
    """A request we don't take; the text says what is wrong with it and how to mend it."""

    def __init__(self, status: int, error: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.headers = headers or {}


class WebOutput(CollectingOutputChannel):  # type: ignore[misc]
    """Collects one item per message for `recipient`, `custom` in the same item as its text."""

    def __init__(self, recipient: str) -> None:
        super().__init__()
        self.recipient = recipient

    @classmethod
    def name(cls) -> str:
        return WebInput.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        # Rasa knows the pseudonym alone; the client expects the id it sent.
        item: dict[str, Any] = {"recipient_id": self.recipient, "text": message.get("text") or ""}
        if buttons := message.get("buttons"):
            item["buttons"] = [
                {"title": button["title"], "payload": button["payload"]} for button in buttons
            ]
        if custom := message.get("custom"):
            item["custom"] = custom
        await self._persist_message(item)


class WebInput(RestInput):  # type: ignore[misc]
    """Rasa's REST channel with checked input, limits, a time limit, and never an empty answer."""

    @classmethod
    def name(cls) -> str:
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "WebInput":
        settings = read_settings(WebSettings, f"{cls.__module__}.{cls.__name__}", credentials)
        key = sender_key(settings.sender_key_variable, settings.sender_key_file)
        # Read now: when something breaks later, the disk may be what broke.
        return cls(Fallback(load_content(), own_gate()), key, settings)

    def __init__(self, fallback: Fallback, key: bytes, settings: WebSettings) -> None:
        self.fallback = fallback
        self.key = key
        self.settings = settings
        self.by_sender = rate_limit(settings.messages_per_sender)
        self.by_address = rate_limit(settings.requests_per_address)
        self.being_answered: InFlight[Items] = InFlight()

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        webhook = Blueprint("web_channel", __name__)
        description = DESCRIPTION.read_bytes()

        @readable(webhook, "/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @readable(webhook, "/openapi.yml")
        async def openapi(_: Request) -> HTTPResponse:
            return response.raw(description, content_type="application/yaml")

        # stream: so that a huge body is refused before it is read.
        @webhook.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            try:
                incoming = await self.admitted(request, read)
            except RefusedError as refused:
                return refusal(refused)
            return response.json(await self.answer_once(incoming, on_new_message))

        @webhook.post("/reset", stream=True)
        async def reset(request: Request) -> HTTPResponse:
            try:
                incoming = await self.admitted(request, read_reset)
                return response.json({"deleted": await self.forgotten(request, incoming)})
            except RefusedError as refused:
                return refusal(refused)

        allow_origins(webhook, self.settings.allowed_origins, ("/webhook", "/reset"))
        return webhook

    async def admitted(self, request: Request, reader: Callable[[bytes], Incoming]) -> Incoming:
        """What `reader` finds in the request; RefusedError when it is bad or comes too often."""
        forwarded_for = ",".join(request.headers.getall("x-forwarded-for", []))
        address = client_address(request.ip, forwarded_for, self.settings.proxies)
        # Where Redis counts, it must not know addresses.
        _refuse_for(await self.by_address.wait_seconds(pseudonym(self.key, "address", address)))
        incoming = reader(await body_of(request))
        _refuse_for(await self.by_sender.wait_seconds(self.sender_id(incoming)))
        return incoming

    def sender_id(self, incoming: Incoming) -> str:
        """Under which name the conversation is kept."""
        return pseudonym(self.key, self.name(), incoming.sender)

    async def answer_once(self, incoming: Incoming, on_new_message: OnNewMessage) -> Items:
        """The answer to `incoming`: the one it got before, if this message was sent already.

        The words are compared too: an emergency under an old id must not get an old answer.
        """
        if incoming.message_id is None:
            return await self.answers(incoming, on_new_message)
        return await self.being_answered.do(
            incoming, lambda: self.answers(incoming, on_new_message)
        )

    async def answers(self, incoming: Incoming, on_new_message: OnNewMessage) -> Items:
        """What the assistant says to `incoming`, said before, or what is said in its stead."""
        output = WebOutput(incoming.sender)
        sender_id, message_id = self.sender_id(incoming), incoming.message_id
        text = clean(incoming.message, self.settings.payload_intents)

        async def earlier() -> Items | None:
            return await answer_to(sender_id, message_id or "", text.strip(), REPEAT_SECONDS)

        message = UserMessage(
            text, output, sender_id, input_channel=self.name(), message_id=message_id
        )
        assistant = Assistant(on_new_message, self.fallback, self.settings.timeout_seconds)
        return self.addressed(
            incoming, await assistant.answer(message, output, earlier if message_id else None)
        )

    def addressed(self, incoming: Incoming, items: Items) -> Items:
        """Items as the client expects them: each says whom it is for."""
        return [{"recipient_id": incoming.sender, **item} for item in items]

    async def forgotten(self, request: Request, incoming: Incoming) -> int:
        """How many events of the conversation were deleted; RefusedError when they could not be."""
        sender_id = self.sender_id(incoming)

        async def forget_it() -> int:
            # A message that is being answered would be written after the deletion.
            async with request.app.ctx.agent.lock_store.lock(sender_id):
                return await asyncio.to_thread(forget, sender_id)

        try:
            return await assistant_thread().do(forget_it, self.settings.timeout_seconds)
        except Exception as error:  # whatever the store raises, the person must be told
            logger.error("A conversation could not be deleted: %s", without_values(error))
            raise RefusedError(
                503, "The conversation could not be deleted just now; try again later."
            ) from None


def refusal(refused: RefusedError) -> HTTPResponse:
    """The JSON answer to a request that was refused."""
    metrics.REFUSED.labels(str(refused.status)).inc()
    return response.json({"error": refused.error}, refused.status, headers=refused.headers)


async def body_of(request: Request) -> bytes:
    """The request's body, refused as soon as it is seen to be too long."""
    body = bytearray()
    stream = request.stream
    assert stream is not None, "Sanic sets it before the handler runs"
    async for chunk in stream:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RefusedError(413, "The request is over 64 kB; send a shorter message.")
    return bytes(body)


def read(body: bytes) -> Incoming:
    """The sender and message in a JSON `body`; other keys are nobody's business."""
    data = _object(body, '{"sender": "…", "message": "…"}')
    sender, message = _sender(data), _text(data, "message")
    if len(message) > MAX_CHARACTERS:
        raise RefusedError(400, '"message" is over 10,000 characters; send a shorter one.')
    return Incoming(sender, message, _message_id(data))


def read_reset(body: bytes) -> Incoming:
    """The sender in a JSON `body` that asks to forget."""
    return Incoming(_sender(_object(body, '{"sender": "…"}')), "")


def _object(body: bytes, example: str) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400, f"The body is not valid JSON; send {example}.") from None
    if not isinstance(data, dict):
        raise RefusedError(400, f"The body must be a JSON object; send {example}.")
    return data


def _sender(data: dict[str, Any]) -> str:
    sender = _text(data, "sender")
    if not SENDER.fullmatch(sender):
        raise RefusedError(
            400, '"sender" must be 1 to 128 of A-Z, a-z, 0-9, "_" and "-"; a UUID is best.'
        )
    return sender


def _message_id(data: dict[str, Any]) -> str | None:
    if "message_id" not in data:
        return None
    text = _text(data, "message_id")
    if not MESSAGE_ID.fullmatch(text):
        raise RefusedError(400, '"message_id" must be a UUID, a new one for each message.')
    return text.lower()


def _text(data: dict[str, Any], key: str) -> str:
    if key not in data:
        raise RefusedError(400, f'"{key}" is missing; send it as a string.')
    if not isinstance(data[key], str):
        raise RefusedError(400, f'"{key}" must be a string.')
    return str(data[key])


def _refuse_for(seconds: int) -> None:
    if seconds:
        raise RefusedError(
            429,
            f"That is too many messages at once; try again in {seconds} s.",
            {"Retry-After": str(seconds)},
        )
