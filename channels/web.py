"""The website's channel: POST /webhooks/rest/webhook, strict about what it reads."""

import asyncio
import json
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.incoming import PAYLOAD_INTENTS, clean
from editorial.content import load_content

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

MAX_BODY_BYTES = 64 * 1024
MAX_CHARACTERS = 10_000
SENDER = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Incoming(NamedTuple):
    """A request that was understood."""

    sender: str
    message: str


class RefusedError(Exception):
    """A request we don't take; the text says what is wrong with it and how to mend it."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


class WebOutput(CollectingOutputChannel):  # type: ignore[misc]
    """Collects one item per message, its `custom` part in the same item as its text."""

    @classmethod
    def name(cls) -> str:
        return WebInput.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        item: dict[str, Any] = {"recipient_id": recipient_id, "text": message.get("text") or ""}
        if buttons := message.get("buttons"):
            item["buttons"] = [
                {"title": button["title"], "payload": button["payload"]} for button in buttons
            ]
        if custom := message.get("custom"):
            item["custom"] = custom
        await self._persist_message(item)


class WebInput(RestInput):  # type: ignore[misc]
    """Rasa's REST channel with checked input, a time limit, and never an empty answer."""

    @classmethod
    def name(cls) -> str:
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "WebInput":
        # Read now: when something breaks later, the disk may be what broke.
        content = load_content()
        return cls(content.fill(content.service["something_broke"][0]), **(credentials or {}))

    def __init__(
        self,
        something_broke: str,
        timeout_seconds: float = 8,
        payload_intents: Iterable[str] = PAYLOAD_INTENTS,
    ) -> None:
        self.something_broke = something_broke
        self.timeout_seconds = float(timeout_seconds)
        self.payload_intents = tuple(payload_intents)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        webhook = Blueprint("web_channel", __name__)

        @webhook.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        # stream: so that a huge body is refused before it is read.
        @webhook.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            try:
                incoming = read(await body_of(request))
            except RefusedError as refused:
                return response.json({"error": refused.error}, status=refused.status)
            return response.json(await self.answers(incoming, on_new_message))

        return webhook

    async def answers(
        self, incoming: Incoming, on_new_message: OnNewMessage
    ) -> list[dict[str, Any]]:
        """What the assistant says to `incoming`; when it fails or is silent, that we are sorry."""
        output = WebOutput()
        message = UserMessage(
            clean(incoming.message, self.payload_intents),
            output,
            incoming.sender,
            input_channel=self.name(),
        )
        try:
            async with asyncio.timeout(self.timeout_seconds):
                await on_new_message(message)
        except Exception as error:  # whatever broke, the person gets an answer
            logger.error("A message got no proper answer: %s", without_values(error))
            # Emergency words that are ready are worth more than a clean failure.
            ready = [item for item in output.messages if _is_safety(item)]
        else:
            ready = [item for item in output.messages if item["text"] or "custom" in item]
        return ready or [{"recipient_id": incoming.sender, "text": self.something_broke}]


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
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(
            400, 'The body is not valid JSON; send {"sender": "…", "message": "…"}.'
        ) from None
    if not isinstance(data, dict):
        raise RefusedError(
            400, 'The body must be a JSON object; send {"sender": "…", "message": "…"}.'
        )
    sender, message = _text(data, "sender"), _text(data, "message")
    if not SENDER.fullmatch(sender):
        raise RefusedError(
            400, '"sender" must be 1 to 128 of A-Z, a-z, 0-9, "_" and "-"; a UUID is best.'
        )
    if len(message) > MAX_CHARACTERS:
        raise RefusedError(400, '"message" is over 10,000 characters; send a shorter one.')
    return Incoming(sender, message)


def without_values(error: BaseException) -> str:
    """`error` and its causes as class names and places: an exception's text may quote the user."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    places = "".join(traceback.format_tb(error.__traceback__))
    cause = error.__cause__ or error.__context__
    return f"{kind}\n{places}" + (f"because of {without_values(cause)}" if cause else "")


def _text(data: dict[str, Any], key: str) -> str:
    if key not in data:
        raise RefusedError(400, f'"{key}" is missing; send it as a string.')
    if not isinstance(data[key], str):
        raise RefusedError(400, f'"{key}" must be a string.')
    return str(data[key])


def _is_safety(item: dict[str, Any]) -> bool:
    custom = item.get("custom")
    return isinstance(custom, dict) and custom.get("kind") == "safety"
