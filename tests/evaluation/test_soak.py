"""The soak's crowd, its arithmetic, and a short run against a small server."""

import asyncio
import json
import math
from types import SimpleNamespace

import pytest
from sanic import Sanic, response

from evaluation import soak
from evaluation.soak import Crowd, Sample, Soak, Soaked, red_flags, table_of, wanted_minutes


def grown(megabytes_a_thousand, count=40):
    return [Sample(1000 * n, 300 + megabytes_a_thousand * n) for n in range(count)]


def test_growth_is_the_slope_in_ten_thousand_messages():
    assert Soaked(samples=grown(2.0)).growth == pytest.approx(20.0)


def test_growth_of_the_warm_up_does_not_count():
    samples = [Sample(1000 * n, 300 + min(n, 9) * 10) for n in range(40)]
    assert Soaked(samples=samples).growth == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("found", "good"),
    [
        (Soaked([(0, 0.1)], samples=grown(0.9)), True),
        (Soaked([(0, 0.1)], samples=grown(1.1)), False),
        (Soaked([(0, 0.1)], errors=1, samples=grown(0.0)), False),
        (Soaked([(0, 0.1)], speechless=1, samples=grown(0.0)), False),
        (Soaked([(0, 0.1)]), False),  # too short a run shows nothing
    ],
)
def test_run_is_good_when_all_was_answered_and_memory_stays(found, good):
    assert found.is_good is good


def test_people_take_turns_and_somebody_new_comes_after_the_last_message():
    crowd = Crowd(["why?"], ["help"])
    senders = set()
    for _ in range(soak.PEOPLE * (soak.LONGEST + 1)):
        person = crowd.next()
        senders.add(person.sender)
        crowd.back(person)
    assert len(senders) > soak.PEOPLE
    waiting = [crowd.next() for _ in range(soak.PEOPLE)]
    assert len({id(person) for person in waiting}) == soak.PEOPLE
    assert crowd.next() is None
    assert sum(person.left < 0 for person in waiting) == soak.ENDLESS


def test_crowd_sends_questions_taps_red_flags_and_rubbish():
    crowd = Crowd(["why?"], ["help"])
    person = crowd.next()
    person.offered = ["/next"]
    said = {crowd.words(person) for _ in range(2000)}
    assert {"why?", "help", "/next", "/start_tour", *soak.NONSENSE} == said


def test_red_flags_are_there():
    assert len(red_flags()) > 50


@pytest.mark.parametrize("text", ["soon", "0", "-5", "nan", "inf"])
def test_what_is_no_time_is_named(text):
    with pytest.raises(ValueError, match=f"SOAK_MINUTES={text}"):
        wanted_minutes(text)


def test_without_a_wish_it_takes_an_hour():
    assert wanted_minutes("") == 60.0


def test_table_has_each_quarter():
    found = Soaked([(n, 0.001 * n) for n in range(120)], samples=grown(0.5))
    rows = dict(table_of(found, 2).rows)
    assert rows["messages"] == "120"
    assert rows["quarter 1, p50 and p95"] == "14.0 and 28.0 ms"
    assert rows["quarter 4, p50 and p95"] == "104.0 and 118.0 ms"


@pytest.fixture
def steady(monkeypatch):
    monkeypatch.setattr(soak, "MESSAGES_A_SECOND", 100.0)
    monkeypatch.setattr(soak, "SAMPLE_SECONDS", 0.05)


def test_every_message_is_counted_with_what_came_of_it(serve, steady):
    app = Sanic("soaked")
    senders, addresses = set(), set()

    @app.post("/webhooks/rest/webhook")
    async def answer(request):
        message = json.loads(request.body)["message"]
        senders.add(json.loads(request.body)["sender"])
        addresses.add(request.ip)
        if message == "fail":
            return response.json({}, 500)
        return response.json([{"text": "" if message == "silent" else "Yes."}])

    server = SimpleNamespace(url=serve(app), resident_megabytes=lambda: 300.0)
    crowd = Crowd(["why?"], ["fail", "silent"])
    found = asyncio.run(Soak(server, crowd, 2.0).run())
    assert found.messages == 200
    assert found.errors and found.speechless and len(found.answered) > 100
    assert found.samples and not math.isnan(found.growth)
    assert len(senders) > 30 and len(addresses) > 10
