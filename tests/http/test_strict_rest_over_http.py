"""The web channel's promises, kept by the running server with its limits on."""

import sqlite3
import stat
import threading
import uuid
from contextlib import contextmanager

import httpx
import pytest
import rasa.server

ELSEWHERE = "https://www.example.org"
MARKER = "xylophonically"


def new_id():
    return str(uuid.uuid4())


def send(guide, sender, message="hello", **more):
    body = {"sender": sender, "message": message, **more}
    return httpx.post(f"{guide.url}/webhooks/rest/webhook", json=body, timeout=20)


def events(guide, sender, kind="%"):
    with sqlite3.connect(guide.database) as database:
        query = "SELECT count(*) FROM events WHERE sender_id = ? AND type_name LIKE ?"
        return database.execute(query, (guide.kept_as(sender), kind)).fetchone()[0]


def test_message_sent_three_times_at_once_and_once_later_is_one_event(guide):
    """R4"""
    sender, message_id, answers = new_id(), new_id(), []

    def ask():
        answers.append(send(guide, sender, "what is eczema", message_id=message_id).json())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ask()
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)
    assert events(guide, sender, "user") == 1


def test_repeat_after_a_restart_is_the_same_answer(strict_guide):
    """R4"""
    sender, message_id = new_id(), new_id()
    first = send(strict_guide, sender, "what is eczema", message_id=message_id).json()
    strict_guide.stop()
    strict_guide.start()
    assert send(strict_guide, sender, "what is eczema", message_id=message_id).json() == first
    assert events(strict_guide, sender, "user") == 1


def test_sixth_message_in_a_minute_is_asked_to_wait(strict_guide):
    """R5"""
    sender = new_id()
    answers = [send(strict_guide, sender) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["error"].endswith(".")


def test_only_the_named_site_is_granted_a_preflight(strict_guide):
    """R6"""
    url = f"{strict_guide.url}/webhooks/rest/webhook"
    asked = {"Access-Control-Request-Method": "POST"}
    granted = httpx.options(url, headers={"Origin": ELSEWHERE, **asked})
    assert granted.is_success
    assert granted.headers["access-control-allow-origin"] == ELSEWHERE
    assert granted.headers["access-control-allow-methods"] == "POST"
    refused = httpx.options(url, headers={"Origin": "https://evil.example", **asked})
    assert not any(name.startswith("access-control") for name in refused.headers)


def test_only_the_named_site_may_read_the_answer(strict_guide):
    """R6"""
    url = f"{strict_guide.url}/webhooks/rest/webhook"
    body = {"sender": new_id(), "message": "hello"}
    answer = httpx.post(url, json=body, headers={"Origin": ELSEWHERE}, timeout=20)
    assert answer.headers["access-control-allow-origin"] == ELSEWHERE
    assert "access-control-allow-credentials" not in answer.headers
    answer = httpx.post(url, json=body, headers={"Origin": "https://evil.example"}, timeout=20)
    assert "access-control-allow-origin" not in answer.headers


@contextmanager
def table_unusable(guide):
    """One that is missing the guide would make anew."""
    with sqlite3.connect(guide.database) as database:
        database.execute("ALTER TABLE events RENAME TO gone")
        database.execute("CREATE TABLE events (other TEXT)")
    try:
        yield
    finally:
        with sqlite3.connect(guide.database) as database:
            database.execute("DROP TABLE events")
            database.execute("ALTER TABLE gone RENAME TO events")


def test_nothing_anybody_writes_is_logged_when_the_store_crashes(strict_guide):
    """R7"""
    sender = new_id()
    with table_unusable(strict_guide):
        answers = [
            send(strict_guide, sender, f"{MARKER} eczema", message_id=new_id()),
            send(strict_guide, sender, f"{MARKER} I can't breathe"),
            send(strict_guide, sender, "/delete_my_data"),
        ]
        reset = httpx.post(f"{strict_guide.url}/webhooks/rest/reset", json={"sender": sender})
    assert [answer.status_code for answer in answers] == [200] * 3
    assert all(answer.json()[0]["text"] for answer in answers)
    assert "000" in answers[1].json()[0]["text"]
    assert reset.status_code == 503
    assert "StoreFailedError" in strict_guide.log
    assert MARKER not in strict_guide.log
    assert sender not in strict_guide.log
    assert send(strict_guide, new_id()).status_code == 200


def rasas_api():
    """Method and path of each route that Rasa's HTTP API has when it is opened."""
    app = rasa.server.create_app()
    routes = {(method, route.path) for route in app.router.routes for method in route.methods}
    return sorted(
        (method, "/" + path.replace("<conversation_id:path>", "ann"))
        for method, path in routes
        if path and method != "OPTIONS"
    )


def test_rasas_api_is_closed_with_every_method(guide):
    """R8"""
    api = rasas_api()
    assert ("GET", "/conversations/ann/tracker") in api
    assert len(api) > 10
    for method, path in api:
        answer = httpx.request(method, f"{guide.url}{path}", content=b"{}")
        assert answer.status_code == 404, (method, path)


def test_reset_deletes_the_conversation_and_no_other(guide, visitor, another_visitor):
    """R9"""
    visitor.say("what is eczema")
    another_visitor.say("what is eczema")
    kept = events(guide, visitor.sender)
    answer = httpx.post(f"{guide.url}/webhooks/rest/reset", json={"sender": visitor.sender})
    assert (answer.status_code, answer.json()) == (200, {"deleted": kept})
    assert kept > 0
    assert events(guide, visitor.sender) == 0
    assert events(guide, another_visitor.sender) > 0


def test_sender_is_nowhere_in_the_database(guide, visitor):
    visitor.say("what is eczema")
    assert events(guide, visitor.sender) > 0
    files = [path for path in guide.folder.iterdir() if path.name.startswith("conversations.db")]
    assert files
    assert not any(visitor.sender.encode() in path.read_bytes() for path in files)


def test_key_is_readable_by_its_owner_alone(guide):
    assert stat.S_IMODE((guide.folder / "sender.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("timeout_seconds: 8", "timeout_seconds: soon", "timeout_seconds"),
        ("timeout_seconds: 8", "timeout_seconds: [a:b]", "line"),
        ("channels.web.WebInput", "channels.web.WebOutlet", "WebOutlet"),
    ],
)
def test_bad_setting_ends_the_start_with_one_line(run_guide_once, old, new, told):
    answer = run_guide_once(old, new)
    assert answer.returncode == 1
    (line,) = answer.stderr.strip().splitlines()
    assert told in line and "credentials" in line
