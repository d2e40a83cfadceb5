"""A Bot API server on loopback that speaks Telegram's protocol and can misbehave.

Knows nothing of the guide. It keeps chats, checks what a bot sends as Telegram does (length in
UTF-16 units, HTML, payload sizes), hands updates out by long polling or posts them to a webhook,
and breaks calls in the ways a test asks for.
"""

import asyncio
import itertools
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

TOKEN = "123456789:AAFakeTokenForTestsOnly_0123456789abcd"
USERNAME = "GutSkinTestBot"
TAGS = {"a", "b", "i", "u", "s", "code", "pre", "blockquote"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call: a status, a wait before the answer, or a hung-up line."""

    status: int = 200
    description: str = ""
    retry_after: int = 0
    seconds: float = 0.0
    hang_up: bool = False


def flood(retry_after: int) -> Fault:
    words = f"Too Many Requests: retry after {retry_after}"
    return Fault(429, words, retry_after=retry_after)


BLOCKED = Fault(403, "Forbidden: bot was blocked by the user")
BAD_GATEWAY = Fault(502, "Bad Gateway")
BAD_REQUEST = Fault(400, "Bad Request: can't parse entities")
HUNG_UP = Fault(hang_up=True)


class Refused(Exception):
    """A call that Telegram would not take."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status


@dataclass
class Call:
    """A call the bot made, and how it was answered."""

    method: str
    params: Json
    at: float
    status: int


@dataclass
class Chat:
    """A chat with the bot, from the person's side."""

    api: "FakeBotApi"
    id: int
    type: str = "private"
    received: list[Json] = field(default_factory=list)
    _message_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def texts(self) -> list[str]:
        """What the person reads, message by message."""
        return [message["text"] for message in self.received]

    def write(self, text: str, **fields: Any) -> Json:
        """Send words; the update that Telegram makes of it."""
        return self.send(text=text, **fields)

    def send(self, **fields: Any) -> Json:
        return self.api.deliver(self.update("message", **fields))

    def edit(self, text: str) -> Json:
        return self.api.deliver(self.update("edited_message", text=text, edit_date=_now()))

    def tap(self, payload: str, message: Json | None = None) -> Json:
        """Tap a button of `message`, by default the last one received."""
        return self.api.deliver(self.tapped(payload, message or self.received[-1]))

    def update(self, kind: str, **fields: Any) -> Json:
        """An update that has not been delivered."""
        message = {"message_id": next(self._message_ids), "date": _now(), "chat": self.as_json()}
        return self.api.numbered({kind: message | {"from": self.person(), **fields}})

    def tapped(self, payload: str, message: Json) -> Json:
        query = {"id": str(next(self.api.ids)), "from": self.person(), "data": payload}
        query |= {"message": _without_text_form(message), "chat_instance": "1"}
        return self.api.numbered({"callback_query": query})

    def person(self) -> Json:
        return {"id": abs(self.id), "is_bot": False, "first_name": "Sam", "language_code": "en"}

    def as_json(self) -> Json:
        named = {"first_name": "Sam"} if self.type == "private" else {"title": "Eczema friends"}
        return {"id": self.id, "type": self.type, **named}

    def wait_for(self, count: int, seconds: float = 20) -> list[str]:
        """The texts, once there are `count` of them."""
        self.api.wait_until(lambda: len(self.received) >= count, seconds, lambda: str(self.texts))
        return self.texts


class FakeBotApi:
    """The server. Methods may be called from any thread."""

    def __init__(self) -> None:
        self.ids = itertools.count(7_100_000_001)  # longer than 32 bits, as theirs are
        self.calls: list[Call] = []
        self.chats: dict[int, Chat] = {}
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.choose_fault: Callable[[str], Fault | None] = lambda method: None
        self.is_down = False
        self.hosts: dict[str, str] = {}  # public address of a webhook -> where it is on loopback
        self.webhook: Json = {}
        self.webhook_statuses: list[int] = []
        self.most_pollers = 0
        self._update_ids = itertools.count(500_000)
        self._pending: list[Json] = []
        self._again: list[Json] = []
        self._handed_out: set[int] = set()
        self._ever_handed_out: set[int] = set()
        self._pollers: list[asyncio.Event] = []
        self._news = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._posting: set[asyncio.Task[None]] = set()
        self.url = ""

    # ---- what a test does -----------------------------------------------------------------

    def chat(self, type: str = "private") -> Chat:
        number = next(self.ids)
        chat = Chat(self, number if type == "private" else -number, type)
        self.chats[chat.id] = chat
        return chat

    def numbered(self, update: Json) -> Json:
        return {"update_id": next(self._update_ids), **update}

    def deliver(self, update: Json) -> Json:
        """Hand `update` to the bot the way it asked for."""
        self._loop.call_soon_threadsafe(self._deliver, update, False)
        return update

    def deliver_again(self, update: Json) -> None:
        """Hand out an update once more although the bot has confirmed it."""
        self._loop.call_soon_threadsafe(self._deliver, update, True)

    def break_next(self, method: str, *faults: Fault) -> None:
        self.faults[method.lower()].extend(faults)

    def made(self, method: str) -> list[Call]:
        return [call for call in list(self.calls) if call.method == method.lower()]

    def wait_until(
        self, ready: Callable[[], bool], seconds: float = 20, told: Callable[[], str] = str
    ) -> None:
        with self._news:
            assert self._news.wait_for(ready, seconds), f"waited {seconds} s in vain: {told()}"

    def quiet(self, seconds: float = 0.5) -> None:
        """Give the bot time to do what it should not."""
        time.sleep(seconds)

    # ---- the server -----------------------------------------------------------------------

    @contextmanager
    def running(self) -> Iterator["FakeBotApi"]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)

    async def _start(self) -> None:
        self._session = ClientSession(timeout=ClientTimeout(total=30))
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, shutdown_timeout=0.2)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _stop(self) -> None:
        for task in self._posting:
            task.cancel()
        for poller in self._pollers:
            poller.set()
        await self._session.close()
        await self._runner.cleanup()

    async def _called(self, request: web.Request) -> web.StreamResponse:
        # Telegram takes method names in any case.
        method, params = request.match_info["method"].lower(), await _params(request)
        fault = self._fault(method)
        if self.is_down or (fault and fault.hang_up):
            self._note(method, params, 0)
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault:
            await asyncio.sleep(fault.seconds)
        if fault and fault.status != 200:
            answer: Json = _failure(fault.status, fault.description)
            if fault.retry_after:
                answer["parameters"] = {"retry_after": fault.retry_after}
        else:
            answer = await self._answer(request.match_info["token"], method, params)
        status = answer.get("error_code", 200)
        self._note(method, params, status)
        return web.json_response(answer, status=status)

    def _fault(self, method: str) -> Fault | None:
        waiting = self.faults[method]
        return waiting.popleft() if waiting else self.choose_fault(method)

    async def _answer(self, token: str, method: str, params: Json) -> Json:
        if token != TOKEN:
            return _failure(401, "Unauthorized")
        handler = getattr(self, f"_on_{method}", None)
        if handler is None:
            return _failure(404, "Not Found: method not found")
        try:
            return {"ok": True, "result": await handler(params)}
        except Refused as refused:
            return _failure(refused.status, str(refused))

    def _note(self, method: str, params: Json, status: int) -> None:
        with self._news:
            self.calls.append(Call(method, params, time.monotonic(), status))
            self._news.notify_all()

    # ---- updates --------------------------------------------------------------------------

    def _deliver(self, update: Json, again: bool) -> None:
        if self.webhook:
            task = self._loop.create_task(self._post(update))
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)
            return
        (self._again if again else self._pending).append(update)
        for poller in self._pollers:
            poller.set()

    async def _post(self, update: Json) -> None:
        """Post until the bot answers 2xx; as Telegram does, one after the other within a chat."""
        async with self._turns[_chat_of(update)]:
            await self._post_until_taken(update)

    async def _post_until_taken(self, update: Json) -> None:
        for attempt in range(100):
            url, headers = self.webhook["url"], {}
            for public, here in self.hosts.items():
                url = url.replace(public, here)
            if secret := self.webhook.get("secret_token"):
                headers["X-Telegram-Bot-Api-Secret-Token"] = secret
            try:
                async with self._session.post(url, json=update, headers=headers) as response:
                    self.webhook_statuses.append(response.status)
                    if response.status < 300:
                        return
            except (ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.1 + 0.1 * attempt)

    async def _on_getupdates(self, params: Json) -> list[Json]:
        if self.webhook:
            raise Refused("Conflict: can't use getUpdates method while webhook is active", 409)
        for poller in self._pollers:
            poller.set()
        offset = int(params.get("offset") or 0)
        # Confirmed is what the bot has had; an update that comes late under a lower number waits.
        had, self._handed_out = self._handed_out, set()
        confirmed = {number for number in had if number < offset}
        self._pending = [one for one in self._pending if one["update_id"] not in confirmed]
        if not (self._pending or self._repeats()):
            await self._something_new(float(params.get("timeout") or 0))
        limit = int(params.get("limit") or 100)
        repeats = self._repeats()[:limit]
        self._again = [one for one in self._again if one not in repeats]
        given = [*repeats, *self._pending][:limit]
        self._handed_out = {one["update_id"] for one in given}
        self._ever_handed_out |= self._handed_out
        return given

    def _repeats(self) -> list[Json]:
        """What is to be handed out once more: only what has been handed out before."""
        return [one for one in self._again if one["update_id"] in self._ever_handed_out]

    async def _something_new(self, seconds: float) -> None:
        poller = asyncio.Event()
        self._pollers.append(poller)
        self.most_pollers = max(self.most_pollers, len(self._pollers))
        try:
            async with asyncio.timeout(seconds):
                await poller.wait()
        except TimeoutError:
            pass
        finally:
            self._pollers.remove(poller)

    async def _on_setwebhook(self, params: Json) -> bool:
        if not str(params.get("url", "")).startswith("https://"):
            raise Refused("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = params
        pending, self._pending = self._pending, []
        for update in pending:
            self._deliver(update, False)
        return True

    async def _on_deletewebhook(self, params: Json) -> bool:
        self.webhook = {}
        return True

    # ---- what a bot may do ----------------------------------------------------------------

    async def _on_getme(self, params: Json) -> Json:
        return {"id": 123456789, "is_bot": True, "first_name": "Guide", "username": USERNAME}

    async def _on_sendmessage(self, params: Json) -> Json:
        chat = self.chats.get(int(params["chat_id"]))
        if chat is None:
            raise Refused("Bad Request: chat not found")
        raw = str(params.get("text", ""))
        text = _read_html(raw) if params.get("parse_mode") == "HTML" else raw
        if not text.strip():
            raise Refused("Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise Refused("Bad Request: message is too long")
        markup = params.get("reply_markup")
        _check_keyboard(markup)
        message: Json = {"message_id": next(chat._message_ids), "date": _now()}
        message |= {"chat": chat.as_json(), "text": text, "raw": raw}
        if markup:
            message["reply_markup"] = markup
        with self._news:
            chat.received.append(message)
            self._news.notify_all()
        return _without_text_form(message)

    async def _on_answercallbackquery(self, params: Json) -> bool:
        return True

    async def _on_editmessagereplymarkup(self, params: Json) -> Json:
        chat = self.chats[int(params["chat_id"])]
        for message in chat.received:
            if message["message_id"] == int(params["message_id"]) and "reply_markup" in message:
                del message["reply_markup"]
                return _without_text_form(message)
        raise Refused("Bad Request: message is not modified")

    async def _on_setmycommands(self, params: Json) -> bool:
        for command in params["commands"]:
            if not 1 <= len(command["description"]) <= 256:
                raise Refused("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    async def _on_setmydescription(self, params: Json) -> bool:
        if len(params["description"]) > 512:
            raise Refused("Bad Request: description is too long")
        return True

    async def _on_setmyshortdescription(self, params: Json) -> bool:
        if len(params["short_description"]) > 120:
            raise Refused("Bad Request: short description is too long")
        return True


class _Reader(HTMLParser):
    """Reads HTML as strictly as Telegram."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise Refused(f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused(f'Bad Request: can\'t parse entities: Unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.text += data


def _read_html(raw: str) -> str:
    reader = _Reader()
    reader.feed(raw)
    reader.close()
    if reader.open:
        raise Refused("Bad Request: can't parse entities: Can't find end tag")
    return reader.text


def _check_keyboard(markup: Json | None) -> None:
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            data = button.get("callback_data")
            if data is not None and not 1 <= len(data.encode()) <= 64:
                raise Refused("Bad Request: BUTTON_DATA_INVALID")


async def _params(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return dict(await request.json())
    params: Json = {}
    for key, value in {**request.query, **await request.post()}.items():
        try:
            params[key] = json.loads(str(value)) if str(value)[:1] in "[{" else value
        except ValueError:
            params[key] = value
    return params


def _chat_of(update: Json) -> int:
    """The chat of an update that comes from one; 0 for the others."""
    message = next((value for key, value in update.items() if key.endswith("message")), None)
    message = message or update.get("callback_query", {}).get("message") or {}
    return int(message.get("chat", {}).get("id", 0))


def _failure(status: int, description: str) -> Json:
    return {"ok": False, "error_code": status, "description": description}


def _without_text_form(message: Json) -> Json:
    return {key: value for key, value in message.items() if key != "raw"}


def _now() -> int:
    return int(time.time())
