"""The proxy's file: Caddy takes it, and what is for inside stays inside."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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
def started(caddy, tmp_path_factory):
    """Starts the proxy in front of a port; gives its address and the file of its log."""
    with ExitStack() as running:
        yield lambda behind: running.enter_context(
            proxy_before(caddy, behind, tmp_path_factory.mktemp("caddy"))
        )


@contextmanager
def proxy_before(caddy, behind, folder):
    port = free_port()
    environment = {
        **os.environ,
        "GUIDE_DOMAIN": f"http://127.0.0.1:{port}",
        "GUIDE_HOST": "localhost",
        "GUIDE_PORT": str(behind),
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    # Its control port would be a fixed one.
    text = CADDYFILE.read_text(encoding="utf-8").replace("\n{\n", "\n{\n\tadmin off\n", 1)
    assert "admin off" in text
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    command = [caddy, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    written = folder / "log"
    with written.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/live", timeout=2)
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, written.read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", written
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def proxy(started, guide):
    return started(guide.rpartition(":")[2])[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


class Back(BaseHTTPRequestHandler):
    """A guide that is there again."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Nothing is said."""


def test_request_while_the_only_guide_is_away_waits_for_it(started):
    """A GET: Debian's older Caddy makes a POST wait only where no connection failed before."""
    port = free_port()
    address, _ = started(port)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx.get, f"{address}/chat", timeout=20)
        time.sleep(3)
        assert not answer.done()
        with ThreadingHTTPServer(("127.0.0.1", port), Back) as back:
            threading.Thread(target=back.serve_forever, daemon=True).start()
            assert answer.result().status_code == 200


def test_log_tells_what_went_wrong_and_not_who_came(started):
    with socket.create_server(("127.0.0.1", 0)) as breaking:
        address, log = started(breaking.getsockname()[1])
        breaking.settimeout(20)
        hang_up = threading.Thread(target=lambda: breaking.accept()[0].close())
        hang_up.start()
        answer = httpx.post(
            f"{address}/webhooks/rest/webhook",
            json={"sender": "somebody"},
            headers={"User-Agent": "a browser of somebody's"},
            timeout=20,
        )
        hang_up.join()
    assert answer.status_code == 502
    failures = [line for line in log.read_text(encoding="utf-8").splitlines() if '"error"' in line]
    assert failures
    for line in failures:
        told = json.loads(line)
        assert "request" not in told and "somebody" not in line
        assert told["status"] == 502


def test_proxy_writes_no_log_of_requests_that_went_well(started, guide):
    address, log = started(guide.rpartition(":")[2])
    httpx.get(f"{address}/chat", headers={"User-Agent": "a browser of somebody's"})
    written = log.read_text(encoding="utf-8")
    assert "/chat" not in written and "somebody" not in written


def test_names_that_are_filled_in_for_nginx_stand_in_no_comment():
    """What is filled in has a line a replica; the second would no longer be a comment."""
    lines = (DEPLOY / "nginx" / "guide.conf.template").read_text(encoding="utf-8").splitlines()
    assert any("${GUIDE_SERVERS}" in line for line in lines)
    for line in lines:
        assert "$" not in line.partition("#")[2], line
