"""The image: built as the Dockerfile says, run as another user on a read-only disk."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import pytest
from image import DEPLOY, PROJECT, Image, context_files, stages_of, why_not_here

from runtime.model_hash import hash_file

DOCKERFILE = DEPLOY / "Dockerfile"
USER = 10001
START_SECONDS = 120
QUESTION = {"sender": "somebody", "message": "what is leaky gut"}


@pytest.fixture(scope="module")
def folder():
    folder = Path(tempfile.mkdtemp(prefix="guide-image-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def image(folder, missing):
    """Packages are installed as written; training, which other tests do, is left out."""
    if reason := why_not_here(folder):
        missing(reason)
    models = sorted((PROJECT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    assert models, "there is no model to test; run `make train`"
    added = {f"models/{file.name}": file for file in (models[-1], hash_file(models[-1]))}
    image = Image(DOCKERFILE, folder, added, left_out="runtime.train")
    try:
        image.build()
    except AssertionError as failure:
        if "network" in str(failure):
            missing("the image needs packages, and they cannot be fetched")
        raise
    return image


class Container:
    """The image's own command, running; it writes to `data`."""

    def __init__(self, image, data):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.image, self.data = image, data
        self.process = image.run(
            image.command("CMD"), data, PORT=str(self.port), HOST="127.0.0.1", RATE_LIMIT="0"
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.2)

    @property
    def log(self):
        return (self.image.folder / "run.log").read_text(encoding="utf-8")

    def is_healthy(self):
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def say(self, message):
        url = f"http://127.0.0.1:{self.port}/webhooks/rest/webhook"
        return httpx.post(url, json=message, timeout=20).json()

    def outcome_of(self, command, **variables):
        """Exit code of a command in the container, beside the guide."""
        return self.image.run(command, self.data, **variables).wait(30)

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)


@pytest.fixture(scope="module")
def data(folder):
    data = folder / "volume"
    data.mkdir()
    os.chown(data, USER, USER)
    return data


@pytest.fixture(scope="module")
def container(image, data):
    container = Container(image, data)
    yield container
    if container.process.poll() is None:
        container.stop()


def test_guide_answers_from_a_read_only_disk(container):
    assert "idea, not a" in container.say(QUESTION)[0]["text"]


def test_guide_writes_to_its_volume_alone(container, data):
    container.say(QUESTION)
    files = {path.name for path in data.iterdir()}
    assert {"conversations.db", "sender.key"} <= files
    database = {"conversations.db", "conversations.db-wal", "conversations.db-shm"}
    assert files <= {"sender.key", "backups"} | database
    assert {path.stat().st_uid for path in data.iterdir()} == {USER}
    for place in ("/app/x", "/etc/x", "/x"):
        assert container.outcome_of(["touch", place]) != 0


def test_guide_is_another_user_without_any_rights(container):
    status = Path(f"/proc/{container.process.pid}/status").read_text(encoding="utf-8")
    rights = dict(line.split(":\t", 1) for line in status.splitlines())
    assert rights["Uid"].split() == rights["Gid"].split() == [str(USER)] * 4
    assert int(rights["CapEff"], 16) == int(rights["CapBnd"], 16) == 0


def test_health_check_tells_a_guide_that_answers_from_none(container):
    check = container.image.command("HEALTHCHECK")
    assert container.outcome_of(check, PORT=str(container.port)) == 0
    assert container.outcome_of(check, PORT="1") != 0


def test_nothing_is_prepared_to_be_sent_to_the_makers_of_a_package(container):
    """onnxruntime reports what it does; its queue, and the number of the machine, would be here."""
    looking = (
        "import onnxruntime, pathlib, sys; sys.exit(len(list(pathlib.Path('/tmp').iterdir())))"
    )
    variables = {"HOME": "/tmp"}
    assert container.outcome_of(["python", "-c", looking], **variables) == 0


def test_image_has_what_it_runs_and_nothing_to_build_with(image):
    app = image.root / "app"
    assert (app / ".venv/bin/python").is_symlink()
    assert not any((app / name).exists() for name in (".uv", ".git", "tests", "sender.key"))
    installed = {path.name for path in (app / ".venv/bin").iterdir()}
    assert installed.isdisjoint({"pip", "uv", "pytest", "mypy", "ruff"})
    code = list((app / "runtime/__pycache__").glob("launcher.*.pyc"))
    assert code, "nothing is compiled, so each start would compile it all"


def test_stop_signal_ends_the_guide_in_order_and_a_backup_brings_all_back(container, image, data):
    """As docs/runbook.md says: written while it runs, restored while it is stopped."""
    container.say(QUESTION)
    backup = ["python", "-m", "store.backup"]
    assert container.outcome_of([*backup, "write"]) == 0
    (made,) = (data / "backups").iterdir()
    assert container.stop() == 0
    for name in ("conversations.db", "sender.key"):
        (data / name).unlink()
    restore = [*backup, "restore", "--from", f"/data/backups/{made.name}"]
    assert container.outcome_of(restore, PORT=str(container.port)) == 0
    again = Container(image, data)
    try:
        more = {**QUESTION, "message": "/more_detail"}
        stranger = again.say({**more, "sender": "stranger"})[0]["text"]
        assert again.say(more)[0]["text"] != stranger, "the topic before was forgotten"
    finally:
        again.stop()


def test_nothing_private_is_let_into_the_image():
    names = {str(path) for path in context_files()}
    assert {"runtime/launcher.py", "content/sources.yml", "widget/element.js"} <= names
    assert not any(
        name.endswith((".db", ".key", ".env", ".pyc")) or name.startswith(("tests/", "results/"))
        for name in names
    )


def test_final_stage_is_one_fixed_user_with_a_health_check():
    last = stages_of(DOCKERFILE)[-1]
    assert last.last("USER") == f"{USER}:{USER}"
    assert last.last("HEALTHCHECK")
    assert f"-o {USER} -g {USER} {last.last('VOLUME')}" in last.last("RUN")


def test_dockerfile_has_nothing_hadolint_objects_to(hadolint):
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
