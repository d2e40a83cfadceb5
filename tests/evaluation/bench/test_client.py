"""The load, put on a small server that answers at once."""

import asyncio
import json
from collections import Counter

import aiohttp
import pytest
from sanic import Sanic, response

from evaluation.bench.client import Client, Growth, Load, apply_growth, apply_load, run_load

PLENTY = 60.0  # seconds no test takes


class Recorder:
    """A chat server that remembers who wrote what."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.answers = [{"text": "Yes."}]
        self.status = 200

    def app(self) -> Sanic:
        app = Sanic("recorder")

        @app.post("/webhooks/rest/webhook")
        async def answer(request):
            body = json.loads(request.body)
            self.heard.append((body["sender"], body["message"]))
            return response.json(self.answers, self.status)

        return app


@pytest.fixture(scope="module")
def shared():
    return Recorder()


@pytest.fixture(scope="module")
def url(serve, shared):
    return serve(shared.app())


@pytest.fixture(autouse=True)
def forget(shared):
    shared.heard.clear()
    shared.answers, shared.status = [{"text": "Yes."}], 200


def applied(url, apply, plan, texts=("a", "b", "c")):
    async def run():
        async with aiohttp.ClientSession() as session:
            client = Client(url, session)
            return client, await apply(client, texts, plan)

    return asyncio.run(run())


def test_one_turn_a_conversation_is_somebody_new_each_time(url, shared):
    _, answers = applied(url, apply_load, Load(users=1, turns=1, messages=6, seconds=PLENTY))
    assert len(answers.seconds) == 6 and answers.failed == 0
    assert len({sender for sender, _ in shared.heard}) == 6
    assert [text for _, text in shared.heard] == list("abcabc")


def test_several_people_share_the_messages_and_keep_their_conversations(url, shared):
    applied(url, apply_load, Load(users=4, turns=5, messages=20, seconds=PLENTY))
    assert len(shared.heard) == 20
    assert max(Counter(sender for sender, _ in shared.heard).values()) <= 5


def test_no_time_means_no_message(url, shared):
    _, answers = applied(url, apply_load, Load(users=2, turns=1, messages=9, seconds=0.0))
    assert shared.heard == [] and answers.seconds == []


@pytest.mark.parametrize(("answers", "status"), [([], 200), ([{"text": ""}], 200), ([], 500)])
def test_silence_and_errors_are_counted_and_have_no_time(url, shared, answers, status):
    shared.answers, shared.status = answers, status
    _, found = applied(url, apply_load, Load(users=1, turns=1, messages=3, seconds=PLENTY))
    assert (found.failed, found.seconds) == (3, [])


def test_growth_continues_each_conversation_in_turn_after_its_length(url, shared):
    plan = Growth(lengths=(1, 6), window=4, repeats=2, seconds=PLENTY)
    _, grown = applied(url, apply_growth, plan)
    assert [one.length for one in grown] == [3, 10]
    counts = Counter(sender for sender, _ in shared.heard)
    assert sorted(counts.values()) == [5, 5, 14]
    last = [sender for sender, _ in shared.heard[-8:]]
    assert last[::2] == [last[0]] * 4 and last[1::2] == [last[1]] * 4


def test_conversation_is_grown_no_longer_than_the_time_allows(url):
    _, grown = applied(url, apply_growth, Growth((50,), window=2, repeats=1, seconds=0.0))
    assert grown[0].length == 1


def test_client_of_its_own_process_brings_its_findings_back(url, shared):
    answers = run_load(url, ["a"], Load(users=2, turns=1, messages=4, seconds=PLENTY))
    assert len(answers.seconds) == len(shared.heard) == 4
    assert answers.throughput > 0
