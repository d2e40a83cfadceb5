"""What the running server counts and logs: the right counters, and nobody's words."""

import json
import re

import httpx
import pytest

TOKEN = "t" * 40
SWELLING = "her tongue is swelling and she is struggling to breathe after a cashew"
WORDS = re.compile(r"tongue|cashew|tarantula", re.I)


@pytest.fixture(scope="module")
def watched(new_guide):
    guide = new_guide(RATE_LIMIT="1", METRICS_TOKEN=TOKEN, LOG_FORMAT="json")
    guide.start()
    return guide


def page(guide):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = httpx.get(f"{guide.url}/metrics", headers=headers, timeout=5)
    assert answer.status_code == 200
    return answer.text


def counters(guide):
    lines = (line for line in page(guide).splitlines() if line.startswith("guide_"))
    pairs = (line.rsplit(" ", 1) for line in lines)
    return {name: float(value) for name, value in pairs if "_total" in name}


def risen(before, after):
    return {
        name: after[name] - before.get(name, 0) for name in after if after[name] != before[name]
    }


def messages_logged(guide):
    lines = (json.loads(line) for line in guide.log.splitlines() if line.startswith("{"))
    return [line for line in lines if line["event"] == "message"]


def test_red_flag_that_is_typed_raises_exactly_its_counters(watched, visit):
    before = counters(watched)
    visit(watched).say(SWELLING)
    assert risen(before, counters(watched)) == {
        'guide_messages_total{channel="rest",outcome="red_flag"}': 1,
        'guide_intents_total{intent="report_urgent"}': 1,
        'guide_red_flags_total{flag="RF1",level="E"}': 1,
    }


def test_step_of_the_tour_is_counted(watched, visit):
    before = counters(watched)
    visit(watched).say('/start_tour{"path":"me"}')
    assert risen(before, counters(watched)).keys() >= {'guide_tour_events_total{what="started"}'}


def test_message_beyond_the_limit_is_counted_as_refused(watched):
    before = counters(watched)
    body = json.dumps({"sender": "eager", "message": "hello"}).encode()
    statuses = [watched.post(body).status_code for _ in range(24)]
    refused = statuses.count(429)
    assert refused > 0
    assert risen(before, counters(watched))['guide_refused_requests_total{status="429"}'] == refused


def test_each_message_is_one_line_of_the_log(watched, visit):
    before = len(messages_logged(watched))
    visit(watched).say(SWELLING)
    (line,) = messages_logged(watched)[before:]
    assert (line["channel"], line["intent"], line["outcome"]) == (
        "rest",
        "report_urgent",
        "red_flag",
    )
    assert (line["safety_level"], line["safety_flag"]) == ("E", "RF1")
    assert line["milliseconds"] > 0


def test_nobodys_words_or_ids_are_in_figures_or_log(watched, visit):
    visitor = visit(watched)
    for words in (SWELLING, "do tarantulas help", '/ask_scfa{"topic":"tarantula"}', "/tarantula"):
        visitor.say(words)
    for told in (page(watched), watched.log):
        assert not WORDS.search(told)
        assert visitor.sender not in told
        assert watched.kept_as(visitor.sender) not in told


def test_guide_without_a_token_has_no_such_page(guide):
    assert httpx.get(f"{guide.url}/metrics", timeout=5).status_code == 404
    assert httpx.get(f"{guide.url}/live", timeout=5).json() == {"status": "alive"}
