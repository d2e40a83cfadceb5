"""The proxy's file: Caddy takes it, and what is for inside stays inside."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable

import httpx
import pytest
from image import DEPLOY
from sanic import Sanic, response

CADDYFILE = DEPLOY / "Caddyfile"


@pytest.fixture(scope="module")
def caddy(missing: Callable[[str], None]):
    found = shutil.which("caddy")
    if not found:
        missing("caddy is missing; `apt-get install caddy` brings it")
    return found


@pytest.fixture(scope="module")
def guide(serve):
    """Stands behind the proxy, and says whom it believes to have asked."""
    app = Sanic("test_proxy", configure_logging=False)

    @app.get("/<path:path>")
    async def told(request, path):
        return response.json({"forwarded": request.headers.get("x-forwarded-for"), "path": path})

    return serve(app)


@pytest.fixture(scope="module")
def proxy(caddy, guide, tmp_path_factory):
    folder = tmp_path_factory.mktemp("caddy")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "GUIDE_DOMAIN": f"http://127.0.0.1:{port}",
        "GUIDE_HOST": "localhost",
        "GUIDE_PORT": guide.rpartition(":")[2],
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    # Its control port would be a fixed one.
    text = CADDYFILE.read_text(encoding="utf-8").replace(
        "{\n\tservers", "{\n\tadmin off\n\tservers", 1
    )
    assert "admin off" in text
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    command = [caddy, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/live", timeout=2)
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, (
                    folder / "log"
                ).read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_caddy_accepts_the_file_and_finds_it_well_formatted(caddy):
    environment = {**os.environ, "GUIDE_DOMAIN": "guide.example.org"}
    for command in (
        [caddy, "validate", "--adapter", "caddyfile", "--config", CADDYFILE],
        [caddy, "fmt", CADDYFILE],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert done.stdout == CADDYFILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ["/metrics", "/live"])
def test_what_is_for_inside_stays_inside(proxy, path):
    assert httpx.get(proxy + path).status_code == 404


def test_page_is_passed_on_with_https_asked_for(proxy):
    answer = httpx.get(f"{proxy}/chat")
    assert (answer.status_code, answer.json()["path"]) == (200, "chat")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_address_that_a_visitor_claims_is_not_believed(proxy):
    answer = httpx.get(f"{proxy}/chat", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.json()["forwarded"] == "127.0.0.1"


def test_proxy_writes_no_log_of_who_came(proxy):
    assert "log" not in [line.strip().split(" ")[0] for line in CADDYFILE.read_text().splitlines()]
