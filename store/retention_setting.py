"""For how many days a conversation is kept after its last message, as the operator sets it."""

import os

from channels.settings import SettingError

RETENTION_DAYS = "RETENTION_DAYS"
DEFAULT_DAYS = 30  # who comes back within them finds the place in the guided tour
LONGEST_DAYS = 3650


def retention_days() -> int:
    """How long a conversation is kept after its last event; 0 is for ever. Raises SettingError."""
    text = os.environ.get(RETENTION_DAYS, "").strip()
    if not text:
        return DEFAULT_DAYS
    if not text.isascii() or not text.isdecimal() or int(text) > LONGEST_DAYS:
        raise SettingError(
            f"{RETENTION_DAYS}={text} is no number of days; "
            f"use 1 to {LONGEST_DAYS}, or 0 to keep everything"
        )
    return int(text)
