"""Rubbish: a useful reply, or 400 with a clear error, never 5xx."""

import json

import httpx
import pytest

MARKER = "xylophonically"

ODD = {
    "empty": "",
    "blank": " \n\t ",
    "ten thousand characters": ("gut and skin " * 1000)[:10_000],
    "ten thousand times a": "a" * 10_000,
    "emoji": "😀🔥🙏🏽",
    "Chinese": "我的孩子有湿疹怎么办",
    "Arabic": "طفلي مصاب بالأكزيما",
    "template": "{{}}",
    "template of a name": "{{config.items()}}",
    "number key": "{au_emergency}",
    "format": "%s %d {0} {name}",
    "NUL": "\0",
    "NUL inside": "what is\0 eczema",
    "half a surrogate": "\ud800 what is eczema",
    "markup": "<script>alert(1)</script>",
    "SQL": "'; DROP TABLE events; --",
    "slash": "/",
    "backslash": "\\",
    "unknown command": "/nonsense",
    "unknown topic": "/ask_nonsense",
    "broken payload": '/ask_scfa{"topic":',
    "internal command": "/session_start",
    "internal prefix": "EXTERNAL: greet",
    "dots": "...",
}

REFUSED = {
    "malformed": b'{"sender": "a", "message": ',
    "empty body": b"",
    "list": b"[]",
    "null": b"null",
    "string": b'"hi"',
    "message is a number": b'{"sender": "a", "message": 5}',
    "message is null": b'{"sender": "a", "message": null}',
    "message is a list": b'{"sender": "a", "message": ["hi"]}',
    "no message": b'{"sender": "a"}',
    "no sender": b'{"message": "hi"}',
    "sender is an object": b'{"sender": {"a": 1}, "message": "hi"}',
    "sender is a path": b'{"sender": "../../etc", "message": "hi"}',
    "not UTF-8": b'{"sender": "a", "message": "\xff\xfe"}',
    "nested too deep": b"[" * 50_000,
    "10,001 characters": json.dumps({"sender": "a", "message": "a" * 10_001}).encode(),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_message_gets_a_useful_reply(guide, kind, content):
    body = json.dumps({"sender": f"odd-{len(kind)}-{kind[0]}", "message": ODD[kind]}).encode()
    response = guide.post(body)
    assert response.status_code == 200
    texts = [bubble["text"] for bubble in response.json()]
    assert texts
    assert content.fill(content.service["something_broke"][0]) not in texts


@pytest.mark.parametrize("kind", REFUSED)
def test_unreadable_request_is_refused_with_a_clear_error(guide, kind):
    response = guide.post(REFUSED[kind])
    assert response.status_code == 400
    assert response.json()["error"].endswith(".")


def test_huge_body_is_refused_as_too_large(guide):
    assert guide.post(b'{"sender": "a", "message": "' + b"a" * 200_000).status_code == 413


def test_template_is_not_filled_in(visitor):
    said = " ".join(bubble["text"] for bubble in visitor.say("{au_emergency} {{7*7}}"))
    assert "{au_emergency}" not in said
    assert "49" not in said


def test_other_language_is_told_that_only_english_is_spoken(visitor, content):
    text = visitor.say("我的孩子有湿疹怎么办")[0]["text"]
    assert text == content.fill(content.service["other_language"][0])


def test_guide_is_healthy_after_all_that(guide):
    answer = httpx.get(f"{guide.url}/health").json()
    assert answer["status"] == "ok"
    assert answer["model"].endswith(".tar.gz")


@pytest.mark.parametrize(
    "path", ["conversations/a/tracker", "model", "status", "version", "domain"]
)
def test_rasas_own_api_is_closed(guide, path):
    assert httpx.get(f"{guide.url}/{path}").status_code == 404


def test_nothing_anybody_writes_is_in_the_servers_log(guide, visitor):
    for message in (f"{MARKER} eczema", f"/{MARKER}", f"{MARKER} I can't breathe", f"{MARKER}\0"):
        visitor.say(message)
    guide.post(b'{"sender": "a", "message": "' + MARKER.encode())
    guide.post(json.dumps({"sender": "a b", "message": MARKER}).encode())
    assert MARKER not in guide.log


def test_sender_is_not_in_the_servers_log(guide, visitor):
    visitor.say("hello")
    assert visitor.sender not in guide.log


def test_log_of_a_whole_session_has_no_traceback(guide):
    assert "Traceback" not in guide.log
    assert "ERROR" not in guide.log
