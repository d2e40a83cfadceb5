"""The smallest compose file, built and started; where an engine and its base images are."""

import json
import os
import shutil
import subprocess
import time

import httpx
import pytest
from image import DEPLOY, stages_of

PROJECT_NAME = "gut-skin-guide-test"
BASES = {"python:3.12-slim", "caddy:2-alpine"}
BUILD_SECONDS = 1200
START_SECONDS = 120
# Ports and image of its own, so that a guide that serves people here is left alone.
IMAGE = "gut-skin-guide:test"
APART = f"""
services:
  guide: {{image: "{IMAGE}"}}
  proxy: {{ports: !override ["127.0.0.1:0:443"]}}
"""
EMERGENCY = "my lips are swelling and I can't breathe"
REACH_OUT = """
import socket
for address in ("192.0.2.1", "198.51.100.1"):
    try:
        socket.create_connection((address, 80), 3)
    except OSError as error:
        print(error.strerror)
"""


def why_not_here():
    """Why nothing can be started on this machine; None where it can."""
    if not shutil.which("docker"):
        return "no docker"
    if _docker("compose", "version").returncode:
        return "no docker compose"
    if _docker("info").returncode:
        return "no container engine answers"
    absent = [base for base in sorted(BASES) if _docker("image", "inspect", base).returncode]
    return f"no image {' and '.join(absent)}; `docker pull` brings it" if absent else None


def _docker(*arguments, seconds=60, environment=None):
    command = ["docker", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )


class Started:
    """The services of compose.yml, apart from any others on this machine."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "apart.yml").write_text(APART, encoding="utf-8")
        (folder / "env").write_text("GUIDE_DOMAIN=localhost\n", encoding="utf-8")
        unset = {"METRICS_TOKEN", "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_URL", "GUIDE_DOMAIN"}
        self.environment = {k: v for k, v in os.environ.items() if k not in unset}
        self.client = None

    def compose(self, *arguments, seconds=120):
        files = ("-f", DEPLOY / "compose.yml", "-f", self.folder / "apart.yml")
        options = ("--project-name", PROJECT_NAME, "--env-file", self.folder / "env")
        done = _docker(
            "compose",
            *map(str, options + files),
            *arguments,
            seconds=seconds,
            environment=self.environment,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def up(self):
        """Start, and wait until the guide answers through the proxy."""
        self.compose("up", "--detach", "--no-build", "--wait")
        port = self.compose("port", "proxy", "443").strip().rpartition(":")[2]
        root = str(self.folder / "root.crt")
        self.compose("cp", "proxy:/data/caddy/pki/authorities/local/root.crt", root)
        self.client = httpx.Client(verify=root, base_url=f"https://localhost:{port}", timeout=20)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            assert time.monotonic() < deadline, self.compose("logs")
            time.sleep(0.2)

    def is_healthy(self):
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def say(self, message, sender="somebody"):
        said = {"sender": sender, "message": message}
        answer = self.client.post("/webhooks/rest/webhook", json=said)
        assert answer.status_code == 200, answer.status_code
        return " ".join(part["text"] for part in answer.json())

    def state(self, service):
        (container,) = self.compose("ps", "--all", "--quiet", service).split()
        return json.loads(_docker("inspect", "--format", "{{json .State}}", container).stdout)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    if reason := why_not_here():
        pytest.skip(f"the compose file is not started: {reason}")
    started = Started(tmp_path_factory.mktemp("compose"))
    try:
        started.compose("build", seconds=BUILD_SECONDS)
        started.up()
        yield started
    finally:
        started.compose("down", "--volumes")
        _docker("image", "rm", IMAGE)


def test_bases_that_are_looked_for_are_those_of_the_files(read):
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM ")}
    assert len(bases) < len(stages_of(DEPLOY / "Dockerfile"))
    assert bases | {read("compose.yml")["services"]["proxy"]["image"]} == BASES


def test_people_are_answered_over_https_and_inside_stays_inside(started):
    codes = {path: started.client.get(path).status_code for path in ("/chat", "/live", "/metrics")}
    assert codes == {"/chat": 200, "/live": 404, "/metrics": 404}
    assert "000" in started.say(EMERGENCY)


def test_guide_reaches_nobody(started):
    told = started.compose("exec", "-T", "guide", "python", "-c", REACH_OUT).splitlines()
    assert told == ["Network is unreachable"] * 2


def test_message_during_a_restart_waits_and_a_stop_is_clean_and_quick(started):
    began = time.monotonic()
    started.compose("stop", "guide")
    assert time.monotonic() - began < 10
    assert (started.state("guide")["ExitCode"], started.state("guide")["OOMKilled"]) == (0, False)
    started.compose("start", "guide")
    assert "000" in started.say(EMERGENCY, "another")


def test_conversations_outlive_the_containers(started):
    started.say("what is leaky gut", "kept")
    started.compose("down")
    started.up()
    assert started.say("/more_detail", "kept") != started.say("/more_detail", "stranger")
