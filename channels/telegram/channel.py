"""The Telegram channel, as credentials.yml names it; without a token it does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint

from channels.assistant import OnNewMessage
from channels.sender import sender_key
from channels.settings import read_settings
from channels.telegram.settings import CHANNEL, TelegramSettings, bot_token, webhook_address
from editorial.content import load_content

if TYPE_CHECKING:
    from channels.telegram.receiver import Receiver


class TelegramInput(InputChannel):  # type: ignore[misc]
    """Telegram for who has a token; `receiver` is None for everybody else."""

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TelegramInput:
        settings = read_settings(TelegramSettings, f"{cls.__module__}.{cls.__name__}", credentials)
        token, address = bot_token(), webhook_address()
        if not token:
            return cls(None)
        # Telegram's library takes 17 MB, which a website without it need not have.
        from channels.telegram.receiver import Receiver

        key = sender_key(settings.sender_key_variable, settings.sender_key_file)
        return cls(Receiver(token, address, key, settings, load_content()))

    def __init__(self, receiver: Receiver | None) -> None:
        self.receiver = receiver

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        if self.receiver is None:
            return Blueprint("telegram_channel", __name__)
        return self.receiver.routes(on_new_message)

    async def waiting(self) -> tuple[int, float]:
        """How many updates wait to be answered, and for how many seconds the oldest has."""
        return await self.receiver.waiting() if self.receiver else (0, 0.0)
