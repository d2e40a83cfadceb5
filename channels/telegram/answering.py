"""Takes updates in, and answers them: in order within a chat, side by side across chats."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered
from telegram import Update

from channels.sender import pseudonym
from channels.telegram.composing import Item, Part, compose, is_safety
from channels.telegram.inbox import Inbox, Waiting
from channels.telegram.reading import Incoming, read
from channels.telegram.sending import Sender
from channels.turn import undisturbed
from editorial.content import Content
from runtime.error_log import without_values
from runtime.forgetting_store import answer_to

logger = logging.getLogger(__name__)

Assistant = Callable[[UserMessage], Awaitable[Any]]
Forget = Callable[[str], Awaitable[object]]

CHANNEL = "telegram"
CHATS_AT_ONCE = 200
LOOK_SECONDS = 1.0  # how soon an update is found that another process has accepted
CLEAR_OUT_SECONDS = 600.0
REPEAT_SECONDS = 48 * 3600.0
URGENT_REMEMBERED = 1000


class Output(CollectingOutputChannel):  # type: ignore[misc]
    """Collects what the assistant says, one item a bubble."""

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        keys = ("text", "buttons", "custom")
        await self._persist_message({key: message[key] for key in keys if message.get(key)})


class Reception:
    """Takes updates in: what is accepted survives a restart."""

    def __init__(self, inbox: Inbox, sender: Sender, content: Content, key: bytes) -> None:
        self.inbox = inbox
        self.sender = sender
        self.key = key
        self.arrived = asyncio.Event()
        self._topics = {topic.id for topic in content.topics.values() if topic.status != "retired"}
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def accept(self, update: Update) -> None:
        """Keep what `update` asks, unless it came before; raises when the database fails."""
        self._acknowledge(update)
        incoming = self.read(update)
        if incoming is None:
            return
        chat = self.name_of(incoming.chat_id)
        mark = pseudonym(self.key, CHANNEL, f"{chat}:{incoming.once}") if incoming.once else ""
        if await asyncio.to_thread(self.inbox.accept, incoming, chat, mark):
            self.arrived.set()

    def read(self, update: Update) -> Incoming | None:
        """What `update` asks; None where it asks nothing."""
        return read(update, self._topics)

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
        task = asyncio.ensure_future(self.sender.acknowledge(query.id, chat_id, message_id))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)


class Answering:
    """Answers what is in the inbox, through `assistant`."""

    def __init__(
        self,
        reception: Reception,
        content: Content,
        assistant: Assistant,
        forget: Forget,
        timeout_seconds: float,
        at_once: int,
    ) -> None:
        self.reception = reception
        self.inbox = reception.inbox
        self.sender = reception.sender
        self.content = content
        self.assistant = assistant
        self.forget = forget
        self.timeout_seconds = timeout_seconds
        self.private_link = ""
        self._slots = asyncio.Semaphore(at_once)
        self._chats: dict[str, asyncio.Task[None]] = {}
        self._stopping = False
        self._urgent: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Answer until cancelled; the chats under way end with it."""
        cleared = 0.0
        try:
            while True:
                self.reception.arrived.clear()
                await self._begin_chats()
                if time.monotonic() - cleared > CLEAR_OUT_SECONDS:
                    await asyncio.to_thread(self.inbox.clear_out)
                    cleared = time.monotonic()
                await self._until_something_arrives()
        finally:
            for task in self._chats.values():
                task.cancel()

    async def finish(self, seconds: float) -> None:
        """Begin nothing new, and give what is under way some time to be sent."""
        self._stopping = True
        if self._chats:
            await asyncio.wait(self._chats.values(), timeout=seconds)

    def answer_urgent(self, update: Update) -> None:
        """Have what is urgent in an update answered that could not be kept, once and at once.

        It will come again, and what is not urgent in it is answered then.
        """
        if update.update_id not in self._urgent:
            task = asyncio.ensure_future(self._answer_urgent(update))
            self._urgent[update.update_id] = task
            while len(self._urgent) > URGENT_REMEMBERED:
                self._urgent.pop(next(iter(self._urgent)))

    async def _answer_urgent(self, update: Update) -> None:
        incoming = self.reception.read(update)
        if incoming is None or incoming.message is None:
            return
        items = await self._said(self.reception.name_of(incoming.chat_id), incoming)
        for part in compose(self.content, [item for item in items if is_safety(item)]):
            await self.sender.send(incoming.chat_id, part)

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
        parts = waiting.answer
        if parts is None:
            parts = await self._parts(waiting)
            await asyncio.to_thread(self.inbox.keep_answer, incoming.update_id, parts)
        for number, part in enumerate(parts[waiting.sent :], waiting.sent + 1):
            if not await self.sender.send(incoming.chat_id, part):
                break
            await asyncio.to_thread(self.inbox.keep_sent, incoming.update_id, number)
        await asyncio.to_thread(self.inbox.done, incoming.update_id)

    async def _parts(self, waiting: Waiting) -> list[Part]:
        incoming = waiting.incoming
        if incoming.forget:
            return self._service(await self._forgotten(waiting))
        items: list[Item] = []
        if incoming.message is not None:
            async with self._slots:
                items = await self._said(waiting.chat, incoming)
            if not items:
                return self._service("something_broke")
        return compose(self.content, items, incoming.notes, self.private_link)

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
        """What the assistant says, or said before a restart; of a failure what is urgent in it."""
        assert incoming.message is not None
        output, message_id = Output(), f"{CHANNEL}-{incoming.update_id}"
        text = incoming.message

        async def turn() -> list[Item]:
            output.messages.clear()
            before = await self._earlier_answer(chat, message_id, text)
            for event in before or ():
                await output.send_response(chat, BotUttered.from_parameters(event).message())
            if not before:
                await self.assistant(
                    UserMessage(text, output, chat, input_channel=CHANNEL, message_id=message_id)
                )
            return [item for item in output.messages if item.get("text")]

        try:
            async with asyncio.timeout(self.timeout_seconds):
                return await undisturbed(turn)
        except Exception as error:  # whatever broke, the person gets an answer
            logger.error("A message got no proper answer: %s", without_values(error))
            return [item for item in output.messages if is_safety(item)]

    async def _earlier_answer(self, chat: str, message_id: str, text: str) -> list[Item] | None:
        """What the bot answered to this very message, if it did."""
        try:
            return await answer_to(chat, message_id, text.strip(), REPEAT_SECONDS)
        except Exception as error:  # to answer twice is better than not to answer
            logger.error("It is unknown whether a message came twice: %s", without_values(error))
            return None

    def _service(self, key: str) -> list[Part]:
        return compose(self.content, [{"text": self.content.fill(self.content.service[key][0])}])
