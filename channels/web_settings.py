"""The settings of the web channel; credentials.yml explains each."""

import re
from pathlib import Path

from limits import parse_many
from pydantic import Field, validator

from channels.incoming import PAYLOAD_INTENTS
from channels.settings import Settings

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class WebSettings(Settings):
    """One field a setting."""

    timeout_seconds: float = Field(8, gt=0, le=60)
    payload_intents: tuple[str, ...] = PAYLOAD_INTENTS
    allowed_origins: tuple[str, ...] = ()
    messages_per_sender: str = "20 per minute"
    requests_per_address: str = "120 per minute"
    proxies: int = Field(0, ge=0, le=9)
    sender_key_variable: str = Field("SENDER_KEY", min_length=1)
    sender_key_file: Path = Path("sender.key")

    @validator("allowed_origins", each_item=True)
    def _is_origin(cls, origin: str) -> str:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{origin!r} is no origin; write https://www.example.org, lower case, without "
                "a path or a slash at the end, one line for each site"
            )
        return origin

    @validator("messages_per_sender", "requests_per_address")
    def _is_rate(cls, rate: str) -> str:
        try:
            rates = parse_many(rate)
        except ValueError:
            rates = []
        if not rates or any(item.amount < 1 for item in rates):
            raise ValueError(
                f"{rate!r} is no rate; write it as `20 per minute`, or two as "
                "`20 per minute; 200 per hour`"
            )
        return rate
