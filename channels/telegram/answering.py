"""Takes updates in, and answers them: in order within a chat, side by side across chats."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from telegram import Update

from channels.assistant import Assistant, Items, OnNewMessage
from channels.fallback import Fallback
from channels.sender import pseudonym
from channels.telegram.composing import Item, Part, compose
from channels.telegram.inbox import Inbox, Waiting
from channels.telegram.reading import Incoming, read
from channels.telegram.sending import Sender
from channels.telegram.settings import CHANNEL
from editorial.content import Content
from runtime.error_log import without_values
from store.forgetting_store import answer_to

logger = logging.getLogger(__name__)

Forget = Callable[[str], Awaitable[object]]

CHATS_AT_ONCE = 200
LOOK_SECONDS = 1.0  # how soon an update is found that another process has accepted
CLEAR_OUT_SECONDS = 600.0
REPEAT_SECONDS = 48 * 3600.0
KEEPING_SECONDS = 2.0  # an update that is not in the inbox by then is taken for not kept
PATIENCE_SECONDS = 2.0  # … and is answered all the same unless it is kept meanwhile
AGAIN_SECONDS = 0.5
REMEMBERED = 1000  # updates that could not be kept, or not be noted as answered


class Output(CollectingOutputChannel):  # type: ignore[misc]
    """Collects what the assistant says, one item a bubble."""

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        keys = ("text", "buttons", "custom")
        await self._persist_message({key: message[key] for key in keys if message.get(key)})


class Reception:
    """Takes updates in: what is accepted survives a restart.

    While the database fails an update is taken all the same, or Telegram would hold back what the
    chat writes next, which may be an emergency. It is then answered without being kept.
    """

    def __init__(
        self,
        inbox: Inbox,
        sender: Sender,
        content: Content,
        key: bytes,
        ask: OnNewMessage,
        fallback: Fallback,
        timeout_seconds: float,
    ) -> None:
        self.inbox = inbox
        self.sender = sender
        self.content = content
        self.key = key
        self.ask = ask
        self.fallback = fallback
        self.timeout_seconds = timeout_seconds
        self.arrived = asyncio.Event()
        self._topics = {topic.id for topic in content.topics.values() if topic.status != "retired"}
        self._tasks: set[asyncio.Task[None]] = set()
        self._not_kept: OrderedDict[int, None] = OrderedDict()

    async def accept(self, update: Update) -> bool:
        """Keep what `update` asks, unless it came before; False when the database fails."""
        arrived = time.monotonic()
        self._acknowledge(update)
        incoming = read(update, self._topics)
        if incoming is None or incoming.update_id in self._not_kept:
            return True
        if await self._is_kept(incoming):
            return True
        _remember(self._not_kept, incoming.update_id)
        self._beside(self._answer_unless_kept(incoming, arrived))
        return False

    async def _is_kept(self, incoming: Incoming) -> bool:
        chat = self.name_of(incoming.chat_id)
        mark = pseudonym(self.key, CHANNEL, f"{chat}:{incoming.once}") if incoming.once else ""
        try:
            async with asyncio.timeout(KEEPING_SECONDS):
                is_new = await asyncio.to_thread(self.inbox.accept, incoming, chat, mark)
        except Exception as error:
            logger.error("An update could not be kept: %s", without_values(error))
            return False
        if is_new:
            self.arrived.set()
        return True

    async def _answer_unless_kept(self, incoming: Incoming, arrived: float) -> None:
        """An emergency at once, anything else after some tries more to keep it."""
        urgent = self.fallback.is_urgent(incoming.message or "")
        give_up = time.monotonic() + (0.0 if urgent else PATIENCE_SECONDS)
        while time.monotonic() < give_up:
            await asyncio.sleep(AGAIN_SECONDS)
            if await self._is_kept(incoming):
                self._not_kept.pop(incoming.update_id, None)
                return
        items = await self._items(incoming, urgent, self.timeout_seconds + arrived)
        for part in compose(self.content, items, incoming.notes):
            await self.sender.send(incoming.chat_id, part)

    async def _items(self, incoming: Incoming, urgent: bool, deadline: float) -> list[Item]:
        if incoming.forget:
            return [{"text": self.content.fill(self.content.service["data_delete_failed"][0])}]
        if incoming.message is None:
            return []
        if urgent:
            return self.fallback.items(incoming.message)
        assistant = Assistant(self.ask, self.fallback, deadline - time.monotonic())
        return await assistant.answer(*_question(incoming, self.name_of(incoming.chat_id)), None)

    def name_of(self, chat_id: int) -> str:
        """Under which name a chat's conversation is kept."""
        return pseudonym(self.key, CHANNEL, str(chat_id))

    def _acknowledge(self, update: Update) -> None:
        """At once and beside the queue: a tapped button waits for it."""
        query = update.callback_query
        if query is None:
            return
        place = query.message
        chat_id, message_id = (place.chat.id, place.message_id) if place else (None, None)
        self._beside(self.sender.acknowledge(query.id, chat_id, message_id))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Answering:
    """Answers what is in the inbox, through `assistant`."""

    def __init__(
        self,
        reception: Reception,
        content: Content,
        assistant: Assistant,
        forget: Forget,
        timeout_seconds: float,
    ) -> None:
        self.reception = reception
        self.inbox = reception.inbox
        self.sender = reception.sender
        self.content = content
        self.assistant = assistant
        self._answered: OrderedDict[int, None] = OrderedDict()
        self.forget = forget
        self.timeout_seconds = timeout_seconds
        self.private_link = ""
        self._chats: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def run(self) -> None:
        """Answer until cancelled; the chats under way end with it."""
        cleared = 0.0
        try:
            while True:
                self.reception.arrived.clear()
                try:
                    await self._begin_chats()
                    if time.monotonic() - cleared > CLEAR_OUT_SECONDS:
                        await asyncio.to_thread(self.inbox.clear_out)
                        cleared = time.monotonic()
                except Exception as error:  # the database failed: what waits is found again later
                    logger.error("The inbox cannot be read: %s", without_values(error))
                    self.reception.arrived.clear()
                await self._until_something_arrives()
        finally:
            for task in self._chats.values():
                task.cancel()

    async def finish(self, seconds: float) -> None:
        """Begin nothing new, and give what is under way some time to be sent."""
        self._stopping = True
        if self._chats:
            await asyncio.wait(self._chats.values(), timeout=seconds)

    async def _begin_chats(self) -> None:
        room = CHATS_AT_ONCE - len(self._chats)
        if self._stopping or room <= 0:
            return
        for chat in await asyncio.to_thread(self.inbox.chats, set(self._chats), room):
            task = asyncio.ensure_future(self._serve(chat))
            self._chats[chat] = task
            task.add_done_callback(lambda _, chat=chat: self._ended(chat))  # type: ignore[misc]

    def _ended(self, chat: str) -> None:
        del self._chats[chat]
        # What arrived for it in the last moment was passed over.
        self.reception.arrived.set()

    async def _until_something_arrives(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self.reception.arrived.wait()
        except TimeoutError:
            return

    async def _serve(self, chat: str) -> None:
        """Answer a chat's updates one after the other."""
        try:
            while not self._stopping:
                waiting = await asyncio.to_thread(self.inbox.next, chat)
                if waiting is None:
                    return
                await self._answer(waiting)
        except Exception as error:  # the database failed: what waits is found again later
            logger.error("An update could not be answered: %s", without_values(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def _answer(self, waiting: Waiting) -> None:
        incoming = waiting.incoming
        if incoming.update_id not in self._answered:
            await self._send(waiting)
        await asyncio.to_thread(self.inbox.done, incoming.update_id)
        self._answered.pop(incoming.update_id, None)

    async def _send(self, waiting: Waiting) -> None:
        """Send the answer; a database that fails meanwhile holds nothing of it up."""
        incoming = waiting.incoming
        parts = waiting.answer
        if parts is None:
            parts = await self._parts(waiting)
            await self._noted(self.inbox.keep_answer, incoming.update_id, parts)
        for number, part in enumerate(parts[waiting.sent :], waiting.sent + 1):
            if not await self.sender.send(incoming.chat_id, part):
                break
            await self._noted(self.inbox.keep_sent, incoming.update_id, number)
        # Until the inbox knows it too.
        _remember(self._answered, incoming.update_id)

    async def _noted(self, note: Callable[[int, Any], None], update_id: int, what: Any) -> None:
        try:
            await asyncio.to_thread(note, update_id, what)
        except Exception as error:
            logger.error("An answer could not be noted: %s", without_values(error))

    async def _parts(self, waiting: Waiting) -> list[Part]:
        incoming = waiting.incoming
        if incoming.forget:
            return self._service(await self._forgotten(waiting))
        items: list[Item] = []
        if incoming.message is not None:
            items = await self._said(waiting.chat, incoming)
        parts = compose(self.content, items, incoming.notes, self.private_link)
        return parts or self._service("something_broke")

    async def _forgotten(self, waiting: Waiting) -> str:
        """Which text of content/service.yml tells how the deletion went."""
        try:
            await self.forget(waiting.chat)
            earlier = waiting.incoming.update_id
            left = await asyncio.to_thread(self.inbox.forget, waiting.chat, earlier)
        except Exception as error:  # whatever the store raises, the person must be told
            logger.error("A conversation could not be deleted: %s", without_values(error))
            return "data_delete_failed"
        return "data_delete_failed" if left else "data_deleted"

    async def _said(self, chat: str, incoming: Incoming) -> list[Item]:
        """What the assistant says, or said before a restart."""
        assert incoming.message is not None
        message, message_id = incoming.message, _message_id(incoming)

        async def earlier() -> Items | None:
            return await answer_to(chat, message_id, message.strip(), REPEAT_SECONDS)

        return await self.assistant.answer(*_question(incoming, chat), earlier)

    def _service(self, key: str) -> list[Part]:
        return compose(self.content, [{"text": self.content.fill(self.content.service[key][0])}])


def _question(incoming: Incoming, chat: str) -> tuple[UserMessage, Output]:
    """What `incoming` asks of the assistant, and where it is to speak."""
    output = Output()
    asked = UserMessage(
        incoming.message,
        output,
        chat,
        input_channel=CHANNEL,
        message_id=_message_id(incoming),
    )
    return asked, output


def _message_id(incoming: Incoming) -> str:
    return f"{CHANNEL}-{incoming.update_id}"


def _remember(numbers: OrderedDict[int, None], update_id: int) -> None:
    numbers[update_id] = None
    if len(numbers) > REMEMBERED:
        numbers.popitem(last=False)
