"""The channel on a loopback server, before the fake Bot API, with a scripted assistant."""

import asyncio
import itertools
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot_api import TOKEN, FakeBotApi
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Sanic

from channels.telegram.receiver import Receiver
from channels.telegram.settings import TelegramSettings
from editorial.content import load_content
from store.forgetting_store import ForgettingTrackerStore

KEY = b"a key that only these tests know of"


PUBLIC = "https://guide.example.org"


NUMBERS = itertools.count(1)


Does = Callable[[UserMessage], Awaitable[None]]


@dataclass
class Scripted:
    """An assistant that repeats what it hears, keeps it in the store, or does what a test says."""

    heard: list[str] = field(default_factory=list)
    does: Does | None = None

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message.text)
        if self.does is not None:
            await self.does(message)
            return
        await self.say(message, f"Heard: {message.text}")

    async def say(self, message: UserMessage, text: str, **more: Any) -> None:
        answer = {"text": text, **more}
        await message.output_channel.send_response(message.sender_id, answer)
        said = UserUttered(message.text, message_id=message.message_id)
        events = [said, BotUttered(text, {"buttons": more.get("buttons")})]
        store = ForgettingTrackerStore.of_this_process
        assert store is not None
        tracker = await store.get_or_create_tracker(message.sender_id)
        for event in events:
            tracker.update(event)
        await store.save(tracker)


@dataclass
class Running:
    """A channel that serves."""

    receiver: Receiver
    api: FakeBotApi
    assistant: Scripted
    url: str
    loop: asyncio.AbstractEventLoop
    store: ForgettingTrackerStore

    def kept(self, chat_id: int) -> int:
        """How many events of a chat's conversation are in the database."""
        name = self.receiver.desk.reception.name_of(chat_id)
        with self.store.session_scope() as session:
            return session.query(self.store.SQLEvent).filter_by(sender_id=name).count()

    def rows(self, table: str) -> list[Any]:
        with self.store.engine.connect() as connection:
            return list(connection.exec_driver_sql(f"SELECT * FROM {table}"))

    def crash(self) -> None:
        """End as a process does that is killed: nothing is finished, nothing released."""
        receiver = self.receiver
        done = threading.Event()

        def end() -> None:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            receiver.desk = None
            done.set()

        self.loop.call_soon_threadsafe(end)
        assert done.wait(5)


def store_in(folder: Path) -> ForgettingTrackerStore:
    return ForgettingTrackerStore(domain=Domain.empty(), db=str(folder / "conversations.db"))


@contextmanager
def serving(
    mode: str,
    api: FakeBotApi,
    store: ForgettingTrackerStore,
    assistant: Scripted,
    lease_seconds: float = 15.0,
) -> Iterator[Running]:
    Sanic.test_mode = True
    ForgettingTrackerStore.of_this_process = store
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    address = PUBLIC if mode == "webhook" else ""
    if address:
        api.hosts[PUBLIC] = url
    settings = TelegramSettings(api_url=api.url, timeout_seconds=8, messages_per_second=500)
    receiver = Receiver(TOKEN, address, KEY, settings, load_content())
    receiver.lease_seconds = lease_seconds
    app = Sanic(f"telegram_{next(NUMBERS)}", configure_logging=False)
    app.ctx.agent = SimpleNamespace(lock_store=InMemoryLockStore())
    app.blueprint(receiver.routes(assistant), url_prefix="/webhooks/telegram")
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    servers: list[Any] = []

    async def begin() -> None:
        server = await app.create_server(sock=listener, return_asyncio_server=True)
        assert server is not None
        await server.startup()
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        servers.append(server)
        ready.set()

    async def end() -> None:
        await servers[0].before_stop()
        servers[0].close()

    def run() -> None:
        loop.run_until_complete(begin())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    before = len(api.made("setMyShortDescription"))
    thread.start()
    assert ready.wait(10), "the test server did not start"
    if not api.is_down:
        api.wait_until(lambda: len(api.made("setMyShortDescription")) > before, 20)
    try:
        yield Running(receiver, api, assistant, url, loop, store)
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
