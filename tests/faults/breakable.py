"""A real guide that can be broken, people on each channel, and the table of what they met."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from bot_api import FakeBotApi
from live_guide import LiveGuide

from editorial.content import Content

PROJECT = Path(__file__).resolve().parents[2]
RESULTS = PROJECT / "results" / "faults.md"
LIMIT_SECONDS = 8.0
TELEGRAM = {"Telegram, polling": "polling", "Telegram, webhook": "webhook"}
CHANNELS = ("web", "REST", *TELEGRAM)

EMERGENCY = "my son's lips are swelling and he can't breathe"
QUESTION = "what is leaky gut?"
CRISIS = "I want to kill myself"

LAUNCH = """
import pathlib, sys
sys.path.append(sys.argv[2])
import faulty
faulty.start(pathlib.Path(sys.argv[1]))
"""


class Breakable(LiveGuide):
    """A guide whose database is on a small disk of its own where the machine allows a mount."""

    actions = "in-process"

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    @property
    def database(self) -> Path:
        return self.disk / "conversations.db"

    def furnish(self) -> None:
        super().furnish()
        self.disk.mkdir()
        endpoints = self.folder / "endpoints.yml"
        text = endpoints.read_text(encoding="utf-8")
        text = text.replace("db: conversations.db", f"db: {self.database}")
        text = text.replace("url: in-process", f"url: {self.actions}")
        endpoints.write_text(text, encoding="utf-8")

    def command(self) -> list[str]:
        return [sys.executable, "-c", LAUNCH, str(self.folder), str(Path(__file__).parent)]

    @contextmanager
    def broken(self, how: str) -> Iterator[None]:
        fault = self.folder / "fault"
        fault.write_text(how, encoding="utf-8")
        try:
            yield
        finally:
            fault.unlink()


@dataclass
class Met:
    """What a person got: the texts, and after how many seconds the first of them came."""

    texts: list[str]
    seconds: float
    raw: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Person:
    """Somebody on one of the channels."""

    guide: Breakable
    channel: str
    sender: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        self.chat = self.guide.api.chat()

    def say(self, words: str, awaited: str = "", **more: str) -> Met:
        """What is answered; on Telegram what has come until a text holds `awaited`."""
        if self.channel in TELEGRAM:
            return self.waits(lambda: self.chat.write(words), awaited)
        if self.channel == "web":
            more = {"message_id": str(uuid.uuid4()), **more}
        body = {"sender": self.sender, "message": words, **more}
        begin = time.monotonic()
        url = f"{self.guide.url}/webhooks/rest/webhook"
        answer = httpx.post(url, content=json.dumps(body).encode(), timeout=30)
        seconds = time.monotonic() - begin
        assert answer.status_code == 200, answer.text
        return Met([item["text"] for item in answer.json()], seconds, answer.json())

    def tap(self, payload: str) -> Met:
        if self.channel not in TELEGRAM:
            return self.say(payload)
        message = {"message_id": 1, "date": 1, "chat": self.chat.as_json()}
        return self.waits(lambda: self.chat.tap(payload, message))

    def waits(self, does: Callable[[], object], awaited: str = "") -> Met:
        before, begin = len(self.chat.received), time.monotonic()
        does()
        # What was late for the message before may come first.
        self.guide.api.wait_until(
            lambda: any(awaited in text for text in self.chat.texts[before:]),
            30,
            lambda: str(self.chat.texts[before:]),
        )
        return Met(self.chat.texts[before:], time.monotonic() - begin)


@dataclass
class Matrix:
    """Situations by row, channels by column; each cell says what came and how soon."""

    content: Content
    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, situation: str, channel: str, what: str, met: Met) -> None:
        """Check what every answer must be, and write it down."""
        assert met.texts and all(text.strip() for text in met.texts), "dead air"
        whole = "\n".join(met.texts)
        assert "Traceback" not in whole and "Exception" not in whole
        assert met.seconds <= LIMIT_SECONDS, f"{met.seconds:.1f} s"
        sorry = self.content.fill(self.content.service["something_broke"][0])
        kind = what if what in ("emergency", "crisis") else "says sorry" if sorry in whole else what
        cell = f"{kind}, {met.seconds:.1f} s"
        row = self.rows.setdefault(situation, {})
        row[channel] = "; ".join(filter(None, [row.get(channel), cell]))

    def as_markdown(self) -> str:
        lines = [f"| situation | {' | '.join(CHANNELS)} |", "|---" * (len(CHANNELS) + 1) + "|"]
        for situation, cells in self.rows.items():
            shown = [cells.get(channel, "–") for channel in CHANNELS]
            lines.append(f"| {situation} | {' | '.join(shown)} |")
        return "\n".join(lines) + "\n"


@contextmanager
def running(folder: Path, mode: str, actions: str = "in-process") -> Iterator[Breakable]:
    with FakeBotApi().running() as api:
        guide = Breakable(folder, api, mode)
        guide.actions = actions
        guide.settings = {"RATE_LIMIT": "0"}
        guide.furnish()
        with small_disk(guide.disk):
            guide.start()
            try:
                yield guide
            finally:
                guide.kill(signal.SIGTERM)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 4 MB at `folder`; where we may not mount, `folder` stays as it is."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    may = os.geteuid() == 0 and shutil.which("mount") is not None
    is_mounted = may and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
