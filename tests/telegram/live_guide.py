"""The real guide, with its model, before the fake Bot API."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from bot_api import TOKEN, FakeBotApi

from runtime.model_hash import hash_file

PROJECT = Path(__file__).resolve().parents[2]
PUBLIC = "https://guide.example.org"
START_SECONDS = 90

LAUNCH = """
import sys, pathlib, runtime.launcher as launcher
launcher.PROJECT = pathlib.Path(sys.argv[1])
launcher.main()
"""


@dataclass
class LiveGuide:
    """A guide in `folder`, started as `make run` does."""

    folder: Path
    api: FakeBotApi
    mode: str
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        return [sys.executable, "-c", LAUNCH, str(self.folder)]

    def furnish(self) -> None:
        shutil.copy(PROJECT / "endpoints.yml", self.folder)
        credentials = (PROJECT / "credentials.yml").read_text(encoding="utf-8")
        line = "channels.telegram.channel.TelegramInput:\n"
        assert line in credentials
        credentials = credentials.replace(line, f"{line}  api_url: {self.api.url}\n")
        (self.folder / "credentials.yml").write_text(credentials, encoding="utf-8")
        models = (PROJECT / "models").glob("*.tar.gz")
        newest = max(models, key=lambda path: path.stat().st_mtime)
        (self.folder / "models").mkdir()
        for file in (newest, hash_file(newest)):
            shutil.copy(file, self.folder / "models")

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1"}
        environment |= {"PYTHONWARNINGS": "ignore", "TELEGRAM_TOKEN": TOKEN}
        environment["TELEGRAM_WEBHOOK_URL"] = PUBLIC if self.mode == "webhook" else ""
        self.api.hosts[PUBLIC] = self.url
        introduced = len(self.api.made("setMyShortDescription"))
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                env={**environment, "MALLOC_ARENA_MAX": "2", **self.settings},
                cwd=PROJECT,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            assert self.process.poll() is None, f"the server ended:\n{self.log}"
            assert time.monotonic() < deadline, f"the server did not start:\n{self.log}"
            time.sleep(0.2)
        self.api.wait_until(
            lambda: len(self.api.made("setMyShortDescription")) > introduced, 40, lambda: self.log
        )

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text(encoding="utf-8")

    @property
    def memory_mb(self) -> float:
        """What the process holds in memory."""
        assert self.process is not None
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx.TransportError:
            return False
