"""The real server in a folder of its own, and visitors who talk to it over HTTP."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.sender import pseudonym
from editorial.content import Content, load_content
from runtime.model_hash import hash_file

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 90

# The launcher as `make run` starts it, but for the folder that holds models and conversations.
LAUNCH = """
import sys, pathlib, runtime.launcher as launcher
launcher.PROJECT = pathlib.Path(sys.argv[1])
launcher.main()
"""


@dataclass
class Guide:
    """A running guide; its conversations are in `folder`."""

    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=lambda: {"RATE_LIMIT": "0"})
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "conversations.db"

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text(encoding="utf-8")

    def start(self) -> None:
        environment = {**os.environ, "PORT": str(self.port), "HOST": "127.0.0.1"}
        environment |= {"PYTHONWARNINGS": "ignore", **self.settings}
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCH, str(self.folder)],
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            assert self.process.poll() is None, f"the server ended:\n{self.log}"
            assert time.monotonic() < deadline, f"the server did not start:\n{self.log}"
            time.sleep(0.2)

    def stop(self) -> int | None:
        """Ctrl-C; the exit code."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def kept_as(self, sender: str) -> str:
        """The name under which the guide keeps the conversation of `sender`."""
        key = (self.folder / "sender.key").read_text(encoding="utf-8").strip().encode()
        return pseudonym(key, "rest", sender)

    def post(self, body: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        url = f"{self.url}/webhooks/rest/webhook"
        return httpx.post(url, content=body, headers=headers, timeout=20)


@dataclass
class Visitor:
    """One person's conversation."""

    guide: Guide
    sender: str = field(default_factory=lambda: str(uuid.uuid4()))

    def say(self, message: str) -> list[dict[str, Any]]:
        """The bubbles the guide answers with; there is always at least one."""
        url = f"{self.guide.url}/webhooks/rest/webhook"
        response = httpx.post(url, json={"sender": self.sender, "message": message}, timeout=20)
        assert response.status_code == 200, response.text
        bubbles = response.json()
        assert bubbles, f"silence after {message!r}"
        assert all(bubble["text"].strip() for bubble in bubbles)
        assert {bubble["recipient_id"] for bubble in bubbles} == {self.sender}
        return list(bubbles)


@pytest.fixture(scope="session")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guide]:
    guide = Guide(furnished(tmp_path_factory.mktemp("guide")), free_port())
    try:
        guide.start()
        yield guide
    finally:
        guide.stop()


@pytest.fixture(scope="module")
def strict_guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guide]:
    """A guide with its limits on that one other site may use; its store may be broken."""
    folder = furnished(tmp_path_factory.mktemp("strict"))
    credentials = folder / "credentials.yml"
    text = credentials.read_text(encoding="utf-8")
    text = text.replace("allowed_origins: []", "allowed_origins:\n  - https://www.example.org")
    credentials.write_text(text.replace("20 per minute", "5 per minute"), encoding="utf-8")
    guide = Guide(folder, free_port(), settings={"RATE_LIMIT": "1"})
    try:
        guide.start()
        yield guide
    finally:
        guide.stop()


@pytest.fixture(scope="module")
def new_guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Guide]]:
    """Makes a guide with the settings given, to be started by the test; ended after it."""
    made: list[Guide] = []

    def make(**settings: str) -> Guide:
        folder = furnished(tmp_path_factory.mktemp("new"))
        made.append(Guide(folder, free_port(), {"RATE_LIMIT": "0", **settings}))
        return made[-1]

    yield make
    for guide in made:
        if guide.process is not None and guide.process.poll() is None:
            guide.stop()


@pytest.fixture(scope="session")
def visit() -> type[Visitor]:
    """visit(guide): somebody new who talks to that guide."""
    return Visitor


def furnished(folder: Path) -> Path:
    """`folder` with what a guide needs to run in it: settings and the newest model."""
    for name in ("endpoints.yml", "credentials.yml"):
        shutil.copy(PROJECT / name, folder)
    models = sorted((PROJECT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    assert models, "there is no model to test; run `make train`"
    (folder / "models").mkdir()
    for file in (models[-1], hash_file(models[-1])):
        shutil.copy(file, folder / "models")
    return folder


@pytest.fixture
def visitor(guide: Guide) -> Visitor:
    return Visitor(guide)


@pytest.fixture
def another_visitor(guide: Guide) -> Visitor:
    return Visitor(guide)


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content()


@pytest.fixture
def somebody_unclear(visitor: Visitor, content: Content) -> Callable[[], list[dict[str, Any]]]:
    """Makes the visitor say something vague; the "Did you mean" the guide answers with."""
    vague = ("early years of kids", "kids gut food", "hives or diet", "natural or not", "is it bad")

    def ask() -> list[dict[str, Any]]:
        for words in vague:
            bubbles = visitor.say(words)
            if bubbles[0]["text"].startswith(tuple(content.service["not_understood"])):
                return bubbles
        pytest.fail("none of the vague messages made the guide ask back")

    return ask


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run_guide_once(tmp_path: Path) -> Callable[[str, str], subprocess.CompletedProcess[str]]:
    """Starts a guide whose credentials.yml has one text replaced, and waits for its end."""

    def run(old: str, new: str) -> subprocess.CompletedProcess[str]:
        credentials = furnished(tmp_path) / "credentials.yml"
        text = credentials.read_text(encoding="utf-8")
        assert old in text
        credentials.write_text(text.replace(old, new), encoding="utf-8")
        command = [sys.executable, "-c", LAUNCH, str(tmp_path)]
        environment = {**os.environ, "PORT": str(free_port()), "HOST": "127.0.0.1"}
        return subprocess.run(
            command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=60
        )

    return run
