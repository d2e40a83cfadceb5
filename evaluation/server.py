"""Starts a chat server of its own for a measurement, talks to it, and reads what it uses."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation import processes
from evaluation.cases import PROJECT
from evaluation.stock_project import QUIET, StockProject
from runtime.model_hash import hash_file

START_SECONDS = 150.0
ANSWER_SECONDS = 60.0
POLL_SECONDS = 0.02
STOP_SECONDS = 20.0

# `make run`, but for the folder that holds the model, the settings and the conversations.
LAUNCH = """
import pathlib, sys
import runtime.launcher as launcher
launcher.PROJECT = pathlib.Path(sys.argv[1])
launcher.main()
"""
STOCK_ENDPOINTS = "tracker_store: {{type: sql, dialect: sqlite, db: {folder}/conversations.db}}\n"
STOCK_CREDENTIALS = "rest:\n"


class ServerProblem(Exception):
    """The server to be measured did not start or did not answer."""


@dataclass
class Server:
    """A running server; conversations go to a folder that is thrown away."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path
    seconds_to_first_answer: float = 0.0

    def say(self, message: str) -> None:
        """Send a message from somebody new, and wait for the answer."""
        body = json.dumps({"sender": str(uuid.uuid4()), "message": message}).encode()
        request = urllib.request.Request(
            f"{self.url}/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
            response.read()

    def resident_megabytes(self) -> float:
        """VmRSS of the process and its children."""
        return processes.resident_megabytes(self.process.pid)

    def cpu_seconds(self) -> float:
        """Processor time of the process and its children since the start."""
        return processes.cpu_seconds(self.process.pid)


@contextmanager
def guide(model: Path, limited: bool = False) -> Iterator[Server]:
    """The guide as `make run` starts it, but for the limits on messages unless `limited`."""
    with TemporaryDirectory(prefix="guide-") as name:
        folder = Path(name)
        (folder / "models").mkdir()
        for trained in (model, hash_file(model)):
            (folder / "models" / trained.name).symlink_to(trained)
        for file in ("endpoints.yml", "credentials.yml"):
            (folder / file).symlink_to(PROJECT / file)
        command = [sys.executable, "-c", LAUNCH, name]
        # As in the Makefile, but for the limits.
        settings = {"MALLOC_ARENA_MAX": "2", "RATE_LIMIT": str(int(limited))}
        with _running("guide", command, folder, folder, _free_port(), settings) as server:
            yield server


@contextmanager
def stock_rasa(python: Path, project: StockProject) -> Iterator[Server]:
    """Stock Rasa, the one of `python`, with a trained project."""
    with TemporaryDirectory(prefix="stock-") as name:
        folder = Path(name)
        (folder / "endpoints.yml").write_text(STOCK_ENDPOINTS.format(folder=name), "utf-8")
        (folder / "credentials.yml").write_text(STOCK_CREDENTIALS, "utf-8")
        port = _free_port()
        files = ["--endpoints", f"{name}/endpoints.yml", "--credentials", f"{name}/credentials.yml"]
        where = ["--port", str(port), "-i", "127.0.0.1", "--model", str(project.model)]
        command = [str(python), "-m", "rasa", "run", *files, *where]
        with _running("stock Rasa", command, project.folder, folder, port, {}) as server:
            yield server


@contextmanager
def _running(
    name: str,
    command: Sequence[str],
    project: Path,
    folder: Path,
    port: int,
    settings: dict[str, str],
) -> Iterator[Server]:
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1"}
    environment |= QUIET | {"PYTHONWARNINGS": "ignore", "TELEGRAM_TOKEN": "", **settings}
    log = folder / "server.log"
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=project, env=environment, stdout=output, stderr=output
        )
    server = Server(name, f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_for_first_answer(server)
        server.seconds_to_first_answer = time.perf_counter() - start
        yield server
    finally:
        _stop(process)


def _wait_for_first_answer(server: Server) -> None:
    deadline = time.perf_counter() + START_SECONDS
    while time.perf_counter() < deadline:
        if server.process.poll() is not None:
            raise ServerProblem(f"{server.name} ended at once:\n{_tail(server.log)}")
        try:
            server.say("does leaky gut cause eczema?")
            return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)
    raise ServerProblem(
        f"{server.name} gave no answer in {START_SECONDS:g} s:\n{_tail(server.log)}"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-10:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
