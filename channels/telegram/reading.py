"""What an update of Telegram asks of the guide; of everything else in it nothing is kept."""

import re
from collections.abc import Container
from dataclasses import dataclass

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType

from channels.incoming import as_words, clean

WANTED_UPDATES = ("message", "edited_message", "callback_query")

COMMAND = re.compile(r"/([a-z]+)(?:@\w+)?(?:\s+(.*))?", re.S | re.I)
DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")
DOUBLE_TAP_SECONDS = 10.0
GROUP_REMINDER_SECONDS = 600.0

# What a command says to the assistant; `/start`, `/help` and `/delete` are read below.
PAYLOADS = {"tour": "/start_tour", "topics": "/help_menu", "privacy": "/ask_privacy"}
PAYLOADS |= {"stop": "/stop"}
COMMANDS = ("start", "help", "tour", "topics", "privacy", "delete", "stop")

# Field of a message -> key of the text that says we cannot read it.
ATTACHMENTS = {
    "voice": ("voice", "audio", "video_note"),
    "photo": ("photo", "video", "animation", "document", "story", "paid_media"),
    "sticker": ("sticker", "dice"),
    "location": ("location", "venue"),
    "unreadable": ("contact", "poll", "game", "invoice", "checklist"),
}


@dataclass(frozen=True)
class Incoming:
    """What one update asks: words or a payload for the assistant, texts to say, or to forget.

    `notes` are keys of content/telegram.yml. Within `once_seconds` a second update with the same
    `once` is the same wish: a double tap.
    """

    update_id: int
    chat_id: int
    message: str | None = None
    notes: tuple[str, ...] = ()
    forget: bool = False
    once: str = ""
    once_seconds: float = 0.0


def read(update: Update, topics: Container[str]) -> Incoming | None:
    """What `update` asks; None for what needs no answer, such as a blocked bot or a reaction."""
    if update.callback_query is not None:
        return _tapped(update.update_id, update.callback_query)
    message = update.message or update.edited_message
    if message is None:
        return None
    if message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        return _in_group(update, message)
    if message.chat.type != ChatType.PRIVATE:
        return None
    if update.edited_message is not None:
        return _edited(update.update_id, message)
    return _written(update.update_id, message, topics)


def _tapped(update_id: int, query: CallbackQuery) -> Incoming | None:
    where = query.message
    if where is None or not query.data or where.chat.type != ChatType.PRIVATE:
        return None
    once = f"tap:{where.message_id}:{query.data}"
    message = clean(query.data)
    return Incoming(update_id, where.chat.id, message, once=once, once_seconds=DOUBLE_TAP_SECONDS)


def _in_group(update: Update, message: Message) -> Incoming | None:
    # Edits and members' comings and goings are no reason to speak up.
    if update.edited_message is not None or not (message.text or message.caption):
        return None
    return Incoming(
        update.update_id,
        message.chat.id,
        notes=("group",),
        once="group",
        once_seconds=GROUP_REMINDER_SECONDS,
    )


def _edited(update_id: int, message: Message) -> Incoming | None:
    words = as_words(message.text or message.caption or "")
    # A live location edits its message every few seconds.
    return Incoming(update_id, message.chat.id, words, ("edited",)) if words else None


def _written(update_id: int, message: Message, topics: Container[str]) -> Incoming | None:
    chat_id = message.chat.id
    notes = ("forwarded",) if message.forward_origin else ()
    if message.text is not None:
        command = None if notes else _command(update_id, chat_id, message.text, topics)
        return command or Incoming(update_id, chat_id, as_words(message.text), notes)
    unread = _unread(message)
    if unread is None:
        return None
    # The caption may name an emergency, so the assistant reads it.
    words = as_words(message.caption or "") or None
    return Incoming(update_id, chat_id, words, (unread, "red_flag"))


def _command(update_id: int, chat_id: int, text: str, topics: Container[str]) -> Incoming | None:
    """The command in `text`; None for words, also those behind a command: they may be urgent."""
    match = COMMAND.fullmatch(text.strip())
    name, argument = (match[1].lower(), match[2] or "") if match else ("", "")
    if name == "start" and (not argument or DEEP_LINK.fullmatch(argument)):
        return _started(update_id, chat_id, argument, topics)
    if argument or name not in COMMANDS:
        return None
    if name == "help":
        return Incoming(update_id, chat_id, notes=("help",))
    if name == "delete":
        return Incoming(update_id, chat_id, forget=True)
    return Incoming(update_id, chat_id, PAYLOADS[name])


def _started(update_id: int, chat_id: int, link: str, topics: Container[str]) -> Incoming:
    if link == "tour":
        return Incoming(update_id, chat_id, PAYLOADS["tour"], ("welcome",))
    message = f"/ask_{link}" if link in topics else "/greet"
    return Incoming(update_id, chat_id, message, ("welcome",))


def _unread(message: Message) -> str | None:
    for note, fields in ATTACHMENTS.items():
        if any(getattr(message, field, None) for field in fields):
            return note
    return None
