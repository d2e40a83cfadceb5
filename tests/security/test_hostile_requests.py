"""Bodies, paths and headers made to harm: a clear refusal, and the guide goes on."""

import json
import uuid
from pathlib import Path

import httpx
import pytest
from target import read_all

MARKER = "xylophonically"
HOST = b"Host: localhost\r\nConnection: close\r\n"
HEADERS = ("x-content-type-options", "referrer-policy", "content-security-policy")

TRAVERSALS = [
    "/static/../sender.key",
    "/static/..%2fsender.key",
    "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static/....//....//etc/passwd",
    "/static//etc/passwd",
    "/static/..%5c..%5csender.key",
    "/static/%252e%252e%252fsender.key",
    "/static/sender.key%00.css",
    "/widget/../../sender.key",
    "/widget/..%2f..%2fconversations.db",
    "/widget/gut-skin-chat.js/../../sender.key",
    "/faq/../sender.key",
    "/faq/..%2f..%2fcredentials.yml",
    "/faq/%2fetc%2fpasswd",
    "/../../../../etc/passwd",
    "//etc/passwd",
]

BOMBS = {
    "deep lists": b'{"sender": "a", "message": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "huge integer": b'{"sender": "a", "message": ' + b"9" * 60_000 + b"}",
    "huge exponent": b'{"sender": "a", "message": 1e999999999}',
    "huge negative": b'{"sender": "a", "message": -' + b"9" * 60_000 + b"}",
    "not a number": b'{"sender": "a", "message": NaN}',
    "many keys": json.dumps({f"k{n}": n for n in range(4_000)}).encode(),
    "unclosed string": b'{"sender": "a", "message": "' + b"\\u" * 20_000,
    "many escapes": b'{"sender": "a", "message": 5, "x": "' + b"\\u0041" * 10_000 + b'"}',
}


def memory_mb(target):
    pages = int(Path(f"/proc/{target.process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


@pytest.fixture(autouse=True)
def goes_on(target):
    yield
    body = {"sender": str(uuid.uuid4()), "message": "what is eczema"}
    answer = httpx.post(f"{target.url}/webhooks/rest/webhook", json=body, timeout=20)
    assert answer.status_code == 200 and answer.json()[0]["text"]


@pytest.mark.parametrize("path", ["webhooks/rest/webhook", "webhooks/rest/reset", "health", "faq"])
@pytest.mark.parametrize("length", [b"Content-Length: 104857600", b"Transfer-Encoding: chunked"])
def test_body_of_100_mb_is_cut_short(target, path, length):
    before, chunk, sent = memory_mb(target), b" " * 65_536, 0
    head = f"POST /{path} HTTP/1.1\r\n".encode() + HOST + length + b"\r\n\r\n"
    with target.connect() as connection:
        connection.sendall(head)
        try:
            while sent < 100 * 2**20:
                framed = length.endswith(b"chunked")
                connection.sendall(b"10000\r\n" + chunk + b"\r\n" if framed else chunk)
                sent += len(chunk)
            answer = read_all(connection)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
    assert sent < 20 * 2**20, "the whole body was read"  # some of it lies in the sockets' buffers
    assert not answer or answer.split()[1] in (b"404", b"405", b"413")
    assert memory_mb(target) - before < 20


@pytest.mark.parametrize("kind", BOMBS)
def test_json_bomb_is_refused_with_a_reason(target, kind):
    answer = target.post(BOMBS[kind])
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10


@pytest.mark.parametrize("path", TRAVERSALS)
def test_path_out_of_the_folder_leads_nowhere(target, path):
    answer = target.raw(f"GET {path} HTTP/1.1\r\n".encode() + HOST + b"\r\n")
    assert answer.split()[1] in (b"400", b"404")
    key = (target.folder / "sender.key").read_bytes().strip()
    assert key not in answer and b"root:" not in answer and b"timeout_seconds" not in answer


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /faq/%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\n",
        b"GET /faq/x%0d%0a%0d%0a<script> HTTP/1.1\r\n",
        b"GET /static/a%0aSet-Cookie:b HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nOrigin: https://x%0d%0aSet-Cookie: a=b\r\n",
        b"OPTIONS /webhooks/rest/webhook HTTP/1.1\r\nOrigin: a\rSet-Cookie: b=c\r\n",
    ],
)
def test_no_header_can_be_slipped_into_an_answer(target, request_line):
    head = target.raw(request_line + HOST + b"\r\n").partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 ")
    assert b"set-cookie" not in head.replace(b"\r", b"\n").split(b"\n", 1)[1]


def test_sender_with_a_line_end_is_refused(target):
    body = {"sender": "a\r\nSet-Cookie: b=c", "message": "hi"}
    assert target.post(json.dumps(body).encode()).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/chat"),
        ("GET", "/health"),
        ("GET", "/faq"),
        ("GET", "/faq/nothing"),
        ("GET", "/nothing"),
        ("GET", "/static/nothing"),
        ("PUT", "/webhooks/rest/webhook"),
        ("POST", "/webhooks/rest/webhook"),
        ("POST", "/webhooks/rest/reset"),
        ("OPTIONS", "/webhooks/rest/webhook"),
        ("GET", "/widget/gut-skin-chat.js"),
        ("GET", "/webhooks/rest/openapi.yml"),
    ],
)
def test_every_answer_has_the_security_headers(target, method, path):
    headers = httpx.request(method, f"{target.url}{path}").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "cache-control" in headers
    assert "server" not in headers and "x-powered-by" not in headers


def test_reply_to_a_person_is_kept_in_no_cache(target):
    answer = target.post(json.dumps({"sender": "a", "message": "what is eczema"}).encode())
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "words",
    [
        f"{MARKER}\nERROR root: all data was stolen",
        f"{MARKER}\r\n2026-01-01 CRITICAL",
        f"\x1b[2J\x1b[31m{MARKER}\x1b]0;title\x07",
        f"{MARKER}\u2028{MARKER}\x85",
    ],
)
def test_nothing_a_visitor_sends_writes_a_line_into_the_log(target, words):
    target.post(json.dumps({"sender": str(uuid.uuid4()), "message": words}).encode())
    target.post(json.dumps({"sender": words, "message": words}).encode())
    target.post(words.encode())
    quoted = "".join(f"%{byte:02x}" for byte in words.encode())
    for line in (f"GET /{quoted} HTTP/1.1", f"GET /faq/{quoted} HTTP/1.1", f"{MARKER} / HTTP/9"):
        target.raw(line.encode() + b"\r\n" + HOST + b"\r\n")
    target.raw(
        b"GET / HTTP/1.1\r\n" + HOST + b"User-Agent: " + MARKER.encode() + b"\x1b[0m\r\n\r\n"
    )
    assert MARKER not in target.log and "\x1b" not in target.log
    assert "stolen" not in target.log
