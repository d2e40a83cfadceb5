"""Accepted updates, in the tracker store's database until they are answered.

A row goes as soon as its answer is sent. What stays for two days is the bare number of the
update, so that one sent again is known.
"""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from channels.telegram.composing import Part
from channels.telegram.reading import Incoming
from store.database import make_tables
from store.sqlite import erase_deleted
from store.tables import keep_tables
from store.telegram_tables import inbox, metadata, seen

SEEN_SECONDS = 48 * 3600.0  # Telegram itself keeps an update for 24 hours
WAITING_PER_CHAT = 100


@dataclass(frozen=True)
class Waiting:
    """An update that is still to be answered; `answer` is there once the assistant has spoken."""

    incoming: Incoming
    chat: str
    received: float
    answer: list[Part] | None
    sent: int


class Inbox:
    """What has been accepted and not yet answered. Its methods block; call them in a thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        keep_tables(engine, metadata)

    def make_tables(self) -> None:
        """To be called once before anything else."""
        make_tables(self.engine, inbox, seen)

    def accept(self, incoming: Incoming, chat: str, once_mark: str = "") -> bool:
        """Keep `incoming` of `chat`; False when it came before or the chat's queue is full."""
        try:
            return self._accept(incoming, chat, once_mark)
        except OperationalError:
            # SQLite gives its lock to whoever asks at the right moment, not to who waits longest:
            # where many write, one may wait in vain. It must not be answered after the next one.
            return self._accept(incoming, chat, once_mark)

    def _accept(self, incoming: Incoming, chat: str, once_mark: str) -> bool:
        now = time.time()
        try:
            with self.engine.begin() as connection:
                mark = f"update:{incoming.update_id}"
                connection.execute(seen.insert().values(mark=mark, until=now + SEEN_SECONDS))
                if once_mark and not _is_first(
                    connection, once_mark, now, now + incoming.once_seconds
                ):
                    return False
                return _kept(connection, incoming, chat, now)
        except IntegrityError:
            return False

    def chats(self, but: Collection[str], limit: int) -> list[str]:
        """Chats with something to answer, those that wait longest first."""
        query = sa.select(inbox.c.chat).group_by(inbox.c.chat)
        query = query.order_by(sa.func.min(inbox.c.update_id)).limit(limit + len(but))
        with self.engine.connect() as connection:
            found = [row.chat for row in connection.execute(query)]
        return [chat for chat in found if chat not in but][:limit]

    def next(self, chat: str) -> Waiting | None:
        """The chat's earliest update that is still to be answered."""
        query = sa.select(inbox).where(inbox.c.chat == chat).order_by(inbox.c.update_id).limit(1)
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return _waiting(row) if row else None

    def waiting(self) -> tuple[int, float]:
        """How many updates wait, in all chats, and for how many seconds the oldest has."""
        query = sa.select(sa.func.count(), sa.func.min(inbox.c.received))
        with self.engine.connect() as connection:
            count, oldest = connection.execute(query).one()
        return int(count), max(0.0, time.time() - oldest) if count else 0.0

    def keep_answer(self, update_id: int, answer: list[Part]) -> None:
        """Note what is to be sent, so that a restart does not ask the assistant again."""
        text = json.dumps([part.to_json() for part in answer], ensure_ascii=False)
        self._set(update_id, answer=text)

    def keep_sent(self, update_id: int, sent: int) -> None:
        """Note how many messages of the answer Telegram has taken."""
        self._set(update_id, sent=sent)

    def done(self, update_id: int) -> None:
        """Forget an update that has been answered, but for its number."""
        with self.engine.begin() as connection:
            connection.execute(inbox.delete().where(inbox.c.update_id == update_id))

    def forget(self, chat: str, before: int) -> int:
        """Delete what `chat` asked before the update `before`; how many of those rows are left."""
        earlier = sa.and_(inbox.c.chat == chat, inbox.c.update_id < before)
        with self.engine.begin() as connection:
            connection.execute(inbox.delete().where(earlier))
            count = sa.select(sa.func.count()).select_from(inbox).where(earlier)
            left = int(connection.execute(count).scalar_one())
        erase_deleted(self.engine)
        return left

    def clear_out(self) -> None:
        """Drop the numbers of updates that Telegram can no longer send again."""
        with self.engine.begin() as connection:
            connection.execute(seen.delete().where(seen.c.until < time.time()))

    def _set(self, update_id: int, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                inbox.update().where(inbox.c.update_id == update_id).values(**values)
            )


def _is_first(connection: Connection, mark: str, now: float, until: float) -> bool:
    """Whether nobody has asked the same just now; notes that somebody has."""
    row = connection.execute(sa.select(seen.c.until).where(seen.c.mark == mark)).first()
    if row is not None and row.until > now:
        return False
    connection.execute(seen.delete().where(seen.c.mark == mark))
    connection.execute(seen.insert().values(mark=mark, until=until))
    return True


def _kept(connection: Connection, incoming: Incoming, chat: str, now: float) -> bool:
    count = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.chat == chat)
    waiting = connection.execute(count).scalar_one()
    if waiting > WAITING_PER_CHAT:
        return False
    asked: dict[str, object] = {
        "message": incoming.message,
        "notes": incoming.notes,
        "forget": incoming.forget,
    }
    if waiting == WAITING_PER_CHAT:
        asked |= {"message": None, "notes": ["too_many"], "forget": False}
    row = {"update_id": incoming.update_id, "chat": chat, "chat_id": incoming.chat_id}
    connection.execute(inbox.insert().values(**row, asked=json.dumps(asked), sent=0, received=now))
    return True


def _waiting(row: Any) -> Waiting:
    asked = json.loads(row.asked)
    incoming = Incoming(
        row.update_id, row.chat_id, asked["message"], tuple(asked["notes"]), asked["forget"]
    )
    answer = None if row.answer is None else [Part.from_json(p) for p in json.loads(row.answer)]
    return Waiting(incoming, row.chat, row.received, answer, row.sent)
