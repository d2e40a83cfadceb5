"""The settings of the Telegram channel; credentials.yml explains each."""

import os
import re
from pathlib import Path

from pydantic import Field

from channels.settings import SettingError, Settings

CHANNEL = "telegram"
TELEGRAM_TOKEN = "TELEGRAM_TOKEN"
TELEGRAM_WEBHOOK_URL = "TELEGRAM_WEBHOOK_URL"

TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,100}")
PUBLIC_ADDRESS = re.compile(r"https://[^\s/?#]+")


class TelegramSettings(Settings):
    """One field a setting."""

    timeout_seconds: float = Field(8, gt=0, le=60)
    answers_at_once: int = Field(8, ge=1, le=100)
    messages_per_second: float = Field(25, gt=0, le=1000)
    api_url: str = Field("https://api.telegram.org", regex=r"^https?://[^\s?#]+[^\s/?#]$")
    sender_key_variable: str = Field("SENDER_KEY", min_length=1)
    sender_key_file: Path = Path("sender.key")


def bot_token() -> str:
    """The bot's token from the environment; empty where the operator wants no Telegram."""
    token = os.environ.get(TELEGRAM_TOKEN, "").strip()
    if token and not TOKEN.fullmatch(token):
        # The value is a secret even when it is wrong.
        raise SettingError(f"{TELEGRAM_TOKEN} is no token; copy the whole line BotFather gave you")
    return token


def webhook_address() -> str:
    """The server's public address from the environment; empty asks for long polling."""
    address = os.environ.get(TELEGRAM_WEBHOOK_URL, "").strip().rstrip("/")
    if address and not PUBLIC_ADDRESS.fullmatch(address):
        raise SettingError(
            f"{TELEGRAM_WEBHOOK_URL}={address} is no public address; write https://guide.example.org"
        )
    return address
