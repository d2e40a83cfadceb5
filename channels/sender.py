"""Who wrote, as the guide keeps it: a pseudonym that cannot be traced back without the key."""

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from channels.settings import SettingError
from runtime.places import in_data_dir

SHORTEST_KEY = 32


def pseudonym(key: bytes, channel: str, id: str) -> str:
    """The sender under which a conversation is kept: HMAC-SHA256 of `id`, 64 hexadecimal digits.

    `channel` is part of it, so that the same id on two channels is two people.
    """
    return hmac.new(key, f"{channel}:{id}".encode(), hashlib.sha256).hexdigest()


def sender_key(variable: str, file: Path) -> bytes:
    """The key from the environment `variable`; where it is not set, from `file` in $DATA_DIR.

    A missing file is made, with a random key that its owner alone can read. Raises SettingError
    for a key that is too short, or that others can read.
    """
    if text := os.environ.get(variable, ""):
        return _long_enough(text, variable)
    file = in_data_dir(file)
    try:
        if not file.exists():
            _make(file)
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise SettingError(f"{file} can be read by others; run `chmod 600 {file}`")
        return _long_enough(file.read_text(encoding="utf-8").strip(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SettingError(
            f"The key for sender ids cannot be kept in {file} ({reason}); "
            f"make the folder writable or set {variable}"
        ) from None


def _make(file: Path) -> None:
    """Write a new key. Linked into place, so that of two processes both read the first one's."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(secrets.token_hex(32) + "\n")
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink()


def _long_enough(text: str, place: str) -> bytes:
    if len(text) < SHORTEST_KEY:
        raise SettingError(
            f"The key for sender ids in {place} has under {SHORTEST_KEY} characters; "
            "`openssl rand -hex 32` makes a good one"
        )
    return text.encode()
