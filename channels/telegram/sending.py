"""Sends as Telegram wants: not too fast, again after a failure, quiet when blocked."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from channels.telegram.composing import Part

logger = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0


class Pace:
    """Spreads calls so that there are at most so many a second."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = time.monotonic()
        self._next = max(now, self._next + self._gap)
        await asyncio.sleep(self._next - now)


class Sender:
    """Sends through `bot` until Telegram has taken the message or said it never will."""

    def __init__(self, bot: Bot, pace: Pace) -> None:
        self.bot = bot
        self.pace = pace

    async def send(self, chat_id: int, part: Part) -> bool:
        """Whether Telegram took the message; a person who blocked the bot gets none."""
        for attempt in (self._formatted, self._plain, self._bare):
            try:
                await persist(lambda attempt=attempt: self._paced(attempt, chat_id, part))  # type: ignore[misc]
            except (Forbidden, ChatMigrated):
                return False
            except BadRequest:
                continue
            return True
        logger.error("Telegram refused a message in every form")
        return False

    async def acknowledge(self, query_id: str, chat_id: int | None, message_id: int | None) -> None:
        """End the waiting sign of a tapped button and take the used buttons away.

        Tried once: an old query or message is refused, and nothing is lost by that.
        """
        calls: list[Awaitable[object]] = [self.bot.answer_callback_query(query_id)]
        if chat_id is not None and message_id is not None:
            calls.append(self.bot.edit_message_reply_markup(chat_id, message_id))
        await asyncio.gather(*calls, return_exceptions=True)

    async def _paced(
        self, attempt: Callable[[int, Part], Awaitable[object]], chat_id: int, part: Part
    ) -> object:
        await self.pace.turn()
        return await attempt(chat_id, part)

    async def _formatted(self, chat_id: int, part: Part) -> object:
        return await self.bot.send_message(
            chat_id,
            part.html,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(part),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )

    async def _plain(self, chat_id: int, part: Part) -> object:
        return await self.bot.send_message(chat_id, part.plain, reply_markup=keyboard(part))

    async def _bare(self, chat_id: int, part: Part) -> object:
        return await self.bot.send_message(chat_id, part.plain)


async def persist[Result](call: Callable[[], Awaitable[Result]]) -> Result:
    """The result of `call`, tried again while Telegram is busy, broken or out of reach.

    Raises what trying again cannot mend: BadRequest, Forbidden, ChatMigrated.
    """
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            return await call()
        except (BadRequest, Forbidden, ChatMigrated):
            raise
        except RetryAfter as busy:
            await asyncio.sleep(_seconds(busy))
        except InvalidToken:
            # Its text holds the token.
            logger.error("Telegram rejects the token in TELEGRAM_TOKEN")
            await asyncio.sleep(LONGEST_WAIT_SECONDS)
        except TelegramError as error:
            logger.warning("Telegram did not answer (%s); trying again", type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)


def keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """The part's buttons, one a row."""
    if not part.buttons:
        return None
    return InlineKeyboardMarkup([[_button(title, target)] for title, target in part.buttons])


def _button(title: str, target: str) -> InlineKeyboardButton:
    if target.startswith("https://"):
        return InlineKeyboardButton(title, url=target)
    return InlineKeyboardButton(title, callback_data=target)


def _seconds(busy: RetryAfter) -> float:
    wait = busy.retry_after
    return wait if isinstance(wait, int | float) else wait.total_seconds()
