"""Replicas, Redis and PostgreSQL are killed in turn while two hundred people talk.

Writes what happened, and when, into results/chaos.log.
"""

import itertools
import random
import statistics
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from conftest import Cluster
from servers import PROJECT, Server

from editorial.content import Content

LOG = PROJECT / "results/chaos.log"
CONVERSATIONS, AFTERWARDS, AT_ONCE = 200, 20, 12
A_SECOND = 2.0  # how many begin
MARKER = "Zebracrossing"  # in every message, and in no log
QUESTIONS = [
    "is leaky gut real",
    "do probiotics help",
    "what should i eat",
    "does stress make it worse",
    "/ask_fibre",
    "tell me about antibiotics",
    "what is eczema",
    "is it my fault",
]
EMERGENCY = "my baby can't breathe and his lips are blue"
WITHIN_SECONDS = 8.0


@dataclass
class Timeline:
    """What happened when, as it happens."""

    began: float = field(default_factory=time.monotonic)

    def note(self, text: str) -> None:
        self.write(f"{time.monotonic() - self.began:7.1f} s  {text}")

    def write(self, *lines: str) -> None:
        with LOG.open("a", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in lines)


@dataclass
class Client:
    """Speaks as the widget does: a message is sent again under its id until it is answered."""

    cluster: Cluster
    sorry: str
    seen: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    unkept: set[str] = field(default_factory=set)

    def ask(self, http: httpx.Client, sender: str, text: str) -> str:
        """The id of a message that got a proper answer."""
        body = {"sender": sender, "message": text, "message_id": str(uuid.uuid4())}
        began = time.monotonic()
        for attempt in range(40):
            if answer := self.attempt(http, body):
                assert answer[0]["recipient_id"] == sender
                self.seconds.append(time.monotonic() - began)
                return body["message_id"]
            time.sleep(min(0.3 * (attempt + 1), 2) * random.uniform(0.5, 1))
        pytest.fail(f"no answer in {time.monotonic() - began:.0f} s")

    def attempt(self, http: httpx.Client, body: dict[str, str]) -> list[dict[str, Any]] | None:
        try:
            response = http.post(self.cluster.webhook, json=body, timeout=15)
        except httpx.TransportError as error:
            self.seen[type(error).__name__] += 1
            return None
        if response.status_code != 200:
            self.seen[f"status {response.status_code}"] += 1
            return None
        items: list[dict[str, Any]] = response.json()
        if items[0]["text"] == self.sorry:
            self.seen["asked to send it again"] += 1
            return None
        if any(item.get("custom", {}).get("kept") is False for item in items):
            self.seen["answered, but not kept"] += 1
            self.unkept.add(body["message_id"])
        else:
            self.seen["answered"] += 1
        return items

    def converse(self) -> tuple[str, list[str]]:
        """A conversation: who, and the ids of the messages in their order."""
        sender = str(uuid.uuid4())
        ids = []
        with httpx.Client() as http:
            for question in random.sample(QUESTIONS, 5):
                words = question if question.startswith("/") else f"{question} {MARKER}"
                ids.append(self.ask(http, sender, words))
                time.sleep(random.uniform(0.5, 1.5))
        return sender, ids


@dataclass
class Watch:
    """Somebody new with an emergency every second."""

    cluster: Cluster
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with ThreadPoolExecutor(12) as pool:
            while not self.over.wait(1):
                pool.submit(self.cry)

    def cry(self) -> None:
        body = {"sender": str(uuid.uuid4()), "message": f"{EMERGENCY} {MARKER}"}
        body["message_id"] = str(uuid.uuid4())
        began = time.monotonic()
        while True:  # the widget's own retries count too
            try:
                response = httpx.post(self.cluster.webhook, json=body, timeout=15)
                items = response.json() if response.status_code == 200 else [{}]
            except httpx.TransportError:
                items = [{}]
            took = time.monotonic() - began
            custom = items[0].get("custom", {})
            if (custom.get("kind"), custom.get("level")) == ("safety", "E"):
                self.seconds.append(took)
                return
            if took > WITHIN_SECONDS or items[0]:
                self.wrong.append(f"{took:.1f} s: {items}")
                return
            time.sleep(0.3)


@dataclass
class Mischief:
    """Kills one thing after the other, and waits until everything is well by itself."""

    cluster: Cluster
    timeline: Timeline
    recoveries: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        cluster = self.cluster
        time.sleep(4)
        self.kill("PostgreSQL", [cluster.postgres], seconds=6)
        self.kill("Redis", [cluster.redis], seconds=3)
        self.hang("PostgreSQL", cluster.postgres, seconds=5)
        self.kill("replica 1", [cluster.replicas[0]], seconds=1)
        self.kill("replica 2", [cluster.replicas[1]], seconds=1)
        self.kill("PostgreSQL and replica 3", [cluster.postgres, cluster.replicas[2]], seconds=1)

    def kill(self, name: str, servers: list[Server], seconds: float) -> None:
        for server in servers:
            server.kill()
        self.timeline.note(f"{name} killed")
        time.sleep(seconds)
        for server in servers:
            server.start()
        self.timeline.note(f"{name} started again")
        for server in servers:
            server.wait()
        self.until_all_is_well(name)

    def hang(self, name: str, server: Server, seconds: float) -> None:
        server.freeze(True)
        self.timeline.note(f"{name} hangs")
        time.sleep(seconds)
        server.freeze(False)
        self.timeline.note(f"{name} goes on")
        self.until_all_is_well(f"{name} (hung)")

    def until_all_is_well(self, name: str) -> None:
        began = time.monotonic()
        while not all(replica.is_ready() for replica in self.cluster.replicas):
            assert time.monotonic() - began < 60, f"a replica did not recover from {name}"
            time.sleep(0.1)
        took = time.monotonic() - began
        self.recoveries[name] = max(took, self.recoveries.get(name, 0))
        self.timeline.note(f"every replica is well again, {took:.1f} s later")
        time.sleep(1)


def test_nothing_is_lost_doubled_or_out_of_order_whatever_is_killed(
    cluster: Cluster, content: Content
) -> None:
    LOG.parent.mkdir(exist_ok=True)
    LOG.unlink(missing_ok=True)
    timeline = Timeline()
    client = Client(cluster, content.fill(content.service["something_broke"][0]))
    watch, mischief = Watch(cluster), Mischief(cluster, timeline)
    timeline.note(f"{CONVERSATIONS} conversations of 5 messages begin, {A_SECOND} a second")
    with ThreadPoolExecutor(AT_ONCE) as people, ThreadPoolExecutor(2) as others:
        watching, troubling = others.submit(watch.run), others.submit(mischief.run)
        talks = []
        for _ in range(CONVERSATIONS - AFTERWARDS):
            talks.append(people.submit(client.converse))
            time.sleep(1 / A_SECOND)
        try:
            troubling.result()
        finally:
            timeline.note("the trouble is over")
            talks += [people.submit(client.converse) for _ in range(AFTERWARDS)]
            conversations = [talk.result() for talk in talks]
            watch.over.set()
            watching.result()
    timeline.note("all conversations have ended")
    faults = found_faults(cluster, conversations, client.unkept)
    timeline.write("", *summary(conversations, client, watch, mischief, faults))
    assert faults == []
    assert watch.wrong == []
    assert len(watch.seconds) > 40 and max(watch.seconds) < WITHIN_SECONDS
    assert [replica.health() for replica in cluster.replicas] == [200] * 3
    assert [MARKER in replica.log for replica in cluster.replicas] == [False] * 3


def found_faults(
    cluster: Cluster, conversations: list[tuple[str, list[str]]], unkept: set[str]
) -> list[str]:
    """What the database has otherwise than the people sent it.

    Of messages whose answer said that it is not kept, nothing is known: the database may have
    kept one and died before it said so.
    """
    faults = []
    for sender, sent in conversations:
        kept = cluster.kept(sender)
        messages = [message_id for kind, message_id in kept if kind == "user"]
        if [one for one in sent if one in messages or one not in unkept] != messages:
            faults.append(f"sent {sent}, kept {messages}")
        following = [after[0] for before, after in itertools.pairwise(kept) if before[0] == "user"]
        if following != ["bot"] * len(messages):
            faults.append(f"a message without an answer: {kept}")
    doubled = cluster.postgres.query(
        "SELECT data::json ->> 'message_id', count(*) FROM events WHERE type_name = 'user' "
        "GROUP BY 1 HAVING count(*) > 1"
    )
    return faults + [f"doubled: {row}" for row in doubled]


def summary(
    conversations: list[tuple[str, list[str]]],
    client: Client,
    watch: Watch,
    mischief: Mischief,
    faults: list[str],
) -> list[str]:
    messages = sum(len(sent) for _, sent in conversations)
    return [
        f"conversations, messages                    {len(conversations)}, {messages}",
        f"lost, doubled, out of order, unanswered    {len(faults)}",
        f"attempts                                   {dict(client.seen)}",
        f"a message took, median / 99 % / longest    {spread(client.seconds)}",
        f"emergencies answered as such               {len(watch.seconds)}"
        f" of {len(watch.seconds) + len(watch.wrong)}",
        f"an emergency took, median / 99 % / longest {spread(watch.seconds)}",
        *(f"well again after {name:25} {took:.1f} s" for name, took in mischief.recoveries.items()),
    ]


def spread(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"{cuts[49]:.2f} / {cuts[98]:.2f} / {max(seconds):.2f} s"
