"""deploy/nginx: what it lets through, and where it sends it when a replica is away."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from conftest import started
from servers import Nginx, Replica, folder_of_its_own


class Echo(BaseHTTPRequestHandler):
    """Stands for a replica: tells what reached it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"die" in body and self.server.dies_at_that:  # type: ignore[attr-defined]
            self.connection.close()
            return
        seen = {"port": self.server.server_port, "for": self.headers["X-Forwarded-For"]}
        answer = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def echoes() -> Iterator[list[ThreadingHTTPServer]]:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Echo) for _ in range(2)]
    for number, server in enumerate(servers):
        server.dies_at_that = number == 0  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def nginx(programs: None, echoes: list[ThreadingHTTPServer]) -> Iterator[Nginx]:
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of_its_own())
        ports = [server.server_port for server in echoes]
        nowhere = Replica(folder)  # its port is free: nobody listens there
        replicas = [Replica(folder, port) for port in ports]
        yield stack.enter_context(started(Nginx(folder, replicas=[*replicas, nowhere])))


def post(nginx: Nginx, path: str, body: bytes = b"{}", **headers: str) -> httpx.Response:
    return httpx.post(f"{nginx.url}{path}", content=body, headers=headers, timeout=20)


def test_replica_that_is_away_or_dies_with_a_message_leaves_it_to_another(
    nginx: Nginx, echoes: list[ThreadingHTTPServer]
) -> None:
    answers = [post(nginx, "/webhooks/rest/webhook", b"die") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert {answer.json()["port"] for answer in answers} == {echoes[1].server_port}


def test_client_cannot_say_where_it_comes_from(nginx: Nginx) -> None:
    answer = post(nginx, "/webhooks/rest/webhook", **{"X-Forwarded-For": "203.0.113.9"})
    assert answer.json()["for"] == "127.0.0.1"


def test_body_over_64_kb_ends_at_nginx_but_for_telegrams(nginx: Nginx) -> None:
    body = b"x" * (64 * 1024 + 1)
    assert post(nginx, "/webhooks/rest/webhook", body).status_code == 413
    assert post(nginx, "/webhooks/telegram/webhook", body).status_code == 200


def test_metrics_are_not_for_everybody(nginx: Nginx) -> None:
    assert post(nginx, "/metrics").status_code == 404
