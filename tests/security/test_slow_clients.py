"""Slow-loris and its kin: who does not finish a request in time is sent away."""

import socket
import time
import uuid

import httpx
import pytest

from runtime.connections import HEADER_SECONDS, REQUEST_SECONDS

SLACK_SECONDS = 12.0  # Sanic looks at its clocks now and then
HOST = b"Host: localhost\r\n"

SLOW = {
    "silent": (b"", b"", HEADER_SECONDS),
    "headers byte by byte": (b"GET / HTTP/1.1\r\n" + HOST + b"X-a: ", b"a", HEADER_SECONDS),
    "body byte by byte": (
        b"POST /webhooks/rest/webhook HTTP/1.1\r\n" + HOST + b"Content-Length: 60000\r\n\r\n",
        b" ",
        REQUEST_SECONDS,
    ),
    "body of a path that takes none": (
        b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: 60000\r\n\r\n",
        b" ",
        REQUEST_SECONDS,
    ),
}


def open_seconds(connection, begin, drip):
    """How long the server bears with a connection that sends `drip` every half second."""
    sent = time.monotonic()
    connection.sendall(begin)
    connection.settimeout(0.5)
    while True:
        try:
            if drip:
                connection.sendall(drip)
            if connection.recv(65536) == b"":
                break
        except TimeoutError:
            assert time.monotonic() - sent < 60, "it is never closed"
        except (ConnectionResetError, BrokenPipeError):
            break
    return time.monotonic() - sent


@pytest.mark.parametrize("kind", SLOW)
def test_slow_client_is_sent_away(target, kind):
    begin, drip, seconds = SLOW[kind]
    with target.connect() as connection:
        assert open_seconds(connection, begin, drip) < seconds + SLACK_SECONDS


def test_visitors_are_answered_beside_hundreds_of_slow_clients(target):
    held = []
    try:
        for _ in range(400):
            connection = target.connect()
            connection.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"X-a: ")
            held.append(connection)
        for _ in range(5):
            body = {"sender": str(uuid.uuid4()), "message": "my throat is closing up"}
            answer = httpx.post(f"{target.url}/webhooks/rest/webhook", json=body, timeout=8)
            assert answer.json()[0]["custom"]["level"] == "E"
    finally:
        for connection in held:
            connection.close()


def test_connections_without_a_request_make_room_for_one_with(target):
    """More of them than the server may hold."""
    held: list[socket.socket] = []
    try:
        for _ in range(850):
            held.append(target.connect())
        assert httpx.get(f"{target.url}/health", timeout=8).status_code == 200
    finally:
        for connection in held:
            connection.close()
