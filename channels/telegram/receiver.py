"""What receives updates and has them answered, while the server runs."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from rasa.core.channels.channel import UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from telegram import Bot, Update
from telegram.error import Conflict, TelegramError
from telegram.request import HTTPXRequest

from channels.assistant import Assistant, OnNewMessage, assistant_thread
from channels.fallback import Fallback
from channels.telegram.answering import Answering, Reception
from channels.telegram.inbox import Inbox
from channels.telegram.introduction import introduce, receive_by_polling, receive_by_webhook
from channels.telegram.lease import LEASE_SECONDS, Lease
from channels.telegram.reading import WANTED_UPDATES
from channels.telegram.sending import Pace, Sender
from channels.telegram.settings import CHANNEL, TelegramSettings
from components.safety.gate import own_gate
from editorial.content import Content
from runtime.error_log import without_values
from store.forgetting_store import ForgettingTrackerStore, forget

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
PATH = f"/webhooks/{CHANNEL}/webhook"
POLL_SECONDS = 25
PATIENCE_SECONDS = 10
AFTER_FAILURE_SECONDS = 1.5
AFTER_CONFLICT_SECONDS = 20.0
FINISH_SECONDS = 5.0
MAX_BODY_BYTES = 1024 * 1024
# They write the address of each call, and the token is part of it.
TALKATIVE = ("httpx", "httpcore", "telegram")


class LeaseLostError(Exception):
    """Another process has taken over."""


class Desk(NamedTuple):
    """What runs while the server does."""

    bot: Bot
    connections: HTTPXRequest
    reception: Reception
    answering: Answering
    lease: Lease


class Receiver:
    """Receives by webhook where the server's public address is known, else by long polling."""

    lease_seconds = LEASE_SECONDS

    def __init__(
        self, token: str, address: str, key: bytes, settings: TelegramSettings, content: Content
    ) -> None:
        self.token = token
        self.address = address
        self.key = key
        self.settings = settings
        self.content = content
        self.desk: Desk | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def secret(self) -> str:
        """What Telegram must send with each update; the same in every process with our key."""
        return hmac.new(self.key, f"webhook:{self.token}".encode(), hashlib.sha256).hexdigest()

    def routes(self, on_new_message: OnNewMessage) -> Blueprint:
        """The webhook, and what begins and ends with the server."""
        webhook = Blueprint("telegram_channel", __name__)
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

        @webhook.listener("after_server_start")
        async def start(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
            self.open(app, on_new_message)

        @webhook.listener("before_server_stop")
        async def stop(_: Sanic, __: asyncio.AbstractEventLoop) -> None:
            await self.close()

        @webhook.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            return await self.received(request)

        return webhook

    def open(self, app: Sanic, on_new_message: OnNewMessage) -> None:
        """Begin in the background: neither Telegram nor the store may hold up the website."""
        store = ForgettingTrackerStore.of_this_process
        if store is None:
            logger.error("Telegram needs the tracker_store of endpoints.yml as it is shipped")
            return

        seconds = self.settings.timeout_seconds

        async def forget_chat(chat: str) -> None:
            async def forget_it() -> None:
                # A message that is being answered would be written after the deletion.
                async with app.ctx.agent.lock_store.lock(chat):
                    forget(chat)

            await assistant_thread().do(forget_it, seconds)

        places = asyncio.Semaphore(self.settings.answers_at_once)

        async def ask(message: UserMessage) -> None:
            # Within the time limit: waiting for a place is waiting too.
            async with places:
                await on_new_message(message)

        calls = HTTPXRequest(connection_pool_size=64, read_timeout=20, pool_timeout=30)
        address = f"{self.settings.api_url}/bot"
        bot = Bot(self.token, base_url=address, request=calls)
        sender = Sender(bot, Pace(self.settings.messages_per_second))
        fallback = Fallback(self.content, own_gate())
        reception = Reception(
            Inbox(store.engine), sender, self.content, self.key, ask, fallback, seconds
        )
        answering = Answering(
            reception,
            self.content,
            Assistant(ask, fallback, seconds),
            forget_chat,
            seconds,
        )
        self.desk = Desk(bot, calls, reception, answering, Lease(store.engine, self.lease_seconds))
        self._running = asyncio.ensure_future(self._run(self.desk))

    async def close(self) -> None:
        """End what runs: what is not answered yet stays in the inbox."""
        if self.desk is None or self._running is None:
            return
        await self.desk.answering.finish(FINISH_SECONDS)
        self._running.cancel()
        await asyncio.wait([self._running])
        with contextlib.suppress(Exception):  # the lease ends by itself in a moment
            await asyncio.to_thread(self.desk.lease.release)
            await self.desk.connections.shutdown()

    async def waiting(self) -> tuple[int, float]:
        """How many updates wait to be answered, and for how many seconds the oldest has."""
        if self.desk is None:
            return 0, 0.0
        return await asyncio.to_thread(self.desk.reception.inbox.waiting)

    async def received(self, request: Request) -> HTTPResponse:
        """200 once the update is taken; Telegram sends it again after anything else."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            return response.empty(403)
        if self.desk is None:
            return response.empty(503)
        raw = json_in(request.body)
        if raw is None:
            return response.empty(400)
        # What we cannot read we could not read the next time either, so it is taken.
        if update := update_of(raw):
            await self.desk.reception.accept(update)
        return response.empty(200)

    async def _run(self, desk: Desk) -> None:
        """Wait for the lease, then work while it lasts."""
        has_tables = False
        while True:
            try:
                if not has_tables:
                    await asyncio.to_thread(desk.reception.inbox.make_tables)
                    await asyncio.to_thread(desk.lease.make_tables)
                    has_tables = True
                if await asyncio.to_thread(desk.lease.take):
                    await self._work(desk)
            except* LeaseLostError:
                logger.warning("Another process has taken Telegram over")
            except* Exception as group:  # the store failed, or a fault of ours
                logger.error("Telegram stopped and begins anew: %s", _told(group))
            await asyncio.sleep(desk.lease.seconds / 5)

    async def _work(self, desk: Desk) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_hold(desk.lease))
            tasks.create_task(desk.answering.run())
            tasks.create_task(self._introduce(desk))
            if not self.address:
                tasks.create_task(self._poll(desk))

    async def _introduce(self, desk: Desk) -> None:
        if self.address:
            await receive_by_webhook(desk.bot, f"{self.address}{PATH}", self.secret)
        name = await introduce(desk.bot, self.content)
        desk.answering.private_link = f"https://t.me/{name}" if name else ""
        print(f"  The guide is on Telegram at https://t.me/{name}", flush=True)

    async def _poll(self, desk: Desk) -> None:
        """Fetch updates for ever; one is confirmed only when it is taken."""
        await receive_by_polling(desk.bot)
        offset: int | None = None
        while True:
            try:
                arrived = await updates_from(desk.bot, offset)
                await self._take(desk, sorted(arrived, key=itemgetter("update_id")))
                offset = max([offset or 0, *(raw["update_id"] + 1 for raw in arrived)]) or None
            except Conflict:
                logger.warning("Somebody else polls Telegram with this token")
                await asyncio.sleep(AFTER_CONFLICT_SECONDS)
            except TelegramError as error:
                logger.warning("Telegram cannot be polled (%s)", type(error).__name__)
                await asyncio.sleep(_pause(error))
            except Exception as error:  # whatever it is, fetching goes on
                logger.error("Updates could not be fetched: %s", without_values(error))
                await asyncio.sleep(AFTER_FAILURE_SECONDS)

    async def _take(self, desk: Desk, arrived: Sequence[dict[str, Any]]) -> None:
        """In turn; once the store has failed all at once, so that nobody waits for another."""
        updates = [update for raw in arrived if (update := update_of(raw))]
        for position, update in enumerate(updates, 1):
            if not await desk.reception.accept(update):
                await asyncio.gather(*map(desk.reception.accept, updates[position:]))
                return


async def updates_from(bot: Bot, offset: int | None) -> list[dict[str, Any]]:
    """The updates that wait, from `offset` on, once there are any.

    As they come: `Bot.get_updates` loses them all when it cannot read one. Method names are
    case-insensitive; in lower case python-telegram-bot does not advise its own method.
    """
    asked = {"timeout": POLL_SECONDS, "allowed_updates": list(WANTED_UPDATES)}
    if offset is not None:
        asked["offset"] = offset
    return list(
        await bot.do_api_request("getupdates", asked, read_timeout=POLL_SECONDS + PATIENCE_SECONDS)
    )


def update_of(raw: object) -> Update | None:
    """The update in JSON from Telegram; None where its shape is one we don't know."""
    try:
        return Update.de_json(raw, None)  # type: ignore[arg-type]
    except Exception as error:  # what it raises for a strange shape is not documented
        logger.warning("An update has an unknown shape (%s)", type(error).__name__)
        return None


def json_in(body: bytes) -> dict[str, Any] | None:
    """The update, unread, in the body of a request; None where there is none."""
    if len(body) > MAX_BODY_BYTES:
        return None
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) and isinstance(raw.get("update_id"), int) else None


async def _hold(lease: Lease) -> None:
    while True:
        await asyncio.sleep(lease.seconds / 3)
        try:
            is_ours = await asyncio.to_thread(lease.take)
        except Exception as error:  # in a store that is down nobody else can take it either
            logger.error("The lease could not be renewed: %s", without_values(error))
            continue
        if not is_ours:
            raise LeaseLostError


def _pause(error: TelegramError) -> float:
    wait: Any = getattr(error, "retry_after", None)
    if wait is None:
        return AFTER_FAILURE_SECONDS
    return float(wait if isinstance(wait, int | float) else wait.total_seconds())


def _told(group: BaseExceptionGroup[BaseException]) -> str:
    return "; ".join(without_values(error) for error in group.exceptions)
