"""Three replicas behave as one guide: the same message, one limit, one Telegram."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from conftest import MESSAGES_PER_MINUTE, Cluster
from servers import Replica

from editorial.content import Content


def post(url: str, sender: str, message: str, message_id: str) -> list[dict[str, Any]]:
    body = {"sender": sender, "message": message, "message_id": message_id}
    response = httpx.post(f"{url}/webhooks/rest/webhook", json=body, timeout=20)
    assert response.status_code == 200, response.text
    return list(response.json())


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize("repetition", range(5))
def test_same_message_at_every_replica_at_once_is_kept_once_and_answered_alike(
    cluster: Cluster, sender: str, repetition: int
) -> None:
    same = new_id()
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda it: post(it.url, sender, "is leaky gut real", same), cluster.replicas)
        )
    assert answers[0] == answers[1] == answers[2]
    assert [message_id for kind, message_id in cluster.kept(sender) if kind == "user"] == [same]


def test_other_messages_of_one_conversation_at_once_are_all_kept_each_with_its_answer(
    cluster: Cluster, sender: str
) -> None:
    ids = [new_id() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        work = [
            pool.submit(post, cluster.replicas[n % 3].url, sender, "do probiotics help", one)
            for n, one in enumerate(ids)
        ]
        assert all(one.result() for one in work)
    kept = cluster.kept(sender)
    assert sorted(one for kind, one in kept if kind == "user") == sorted(ids)
    followed = [kept[n + 1][0] for n, (kind, _) in enumerate(kept[:-1]) if kind == "user"]
    assert followed == ["bot"] * 6


def test_conversation_goes_on_at_another_replica(
    cluster: Cluster, sender: str, content: Content
) -> None:
    post(cluster.replicas[0].url, sender, "is leaky gut real", new_id())
    more = post(cluster.replicas[1].url, sender, "/more_detail", new_id())
    assert more[0]["custom"]["topic"] == "leaky_gut"


def test_deletion_at_one_replica_is_a_deletion_at_all(cluster: Cluster, sender: str) -> None:
    for replica in cluster.replicas:
        post(replica.url, sender, "is leaky gut real", new_id())
    url = f"{cluster.replicas[1].url}/webhooks/rest/reset"
    assert httpx.post(url, json={"sender": sender}, timeout=10).json()["deleted"] > 0
    assert cluster.kept(sender) == []


def test_conversation_has_one_limit_whichever_replica_it_meets(
    cluster: Cluster, sender: str
) -> None:
    statuses = []
    with httpx.Client() as client:
        for n in range(MESSAGES_PER_MINUTE + 20):
            url = f"{cluster.replicas[n % 3].url}/webhooks/rest/reset"
            statuses.append(client.post(url, json={"sender": sender}, timeout=10).status_code)
    assert statuses[:MESSAGES_PER_MINUTE] == [200] * MESSAGES_PER_MINUTE
    assert statuses.count(429) > 10  # a few more have become free meanwhile


def test_updates_that_reach_different_replicas_are_answered_once_and_in_order(
    cluster: Cluster,
) -> None:
    chats = [cluster.api.chat() for _ in range(4)]
    for text in ("is leaky gut real", "do probiotics help", "what is eczema"):
        for chat in chats:
            chat.write(text)
    for chat in chats:
        chat.wait_for(3, 60)
    cluster.api.quiet(1)
    assert [len(chat.received) for chat in chats] == [3] * 4
    assert len({tuple(chat.texts) for chat in chats}) == 1


def test_killed_holder_of_telegram_is_replaced_and_what_came_meanwhile_is_answered(
    cluster: Cluster,
) -> None:
    chats = [cluster.api.chat() for _ in range(3)]
    for chat in chats:
        chat.write("is leaky gut real")
        chat.wait_for(1, 60)
    wait_until_empty(cluster)
    holder = holder_of_telegram(cluster)
    holder.kill()
    try:
        for chat in chats:
            chat.write("do probiotics help")
            chat.write("what is eczema")
        for chat in chats:
            chat.wait_for(3, 60)
        cluster.api.quiet(1)
        assert [len(chat.received) for chat in chats] == [3] * 3
        assert len({tuple(chat.texts) for chat in chats}) == 1
    finally:
        holder.start()
        holder.wait()


def test_emergency_on_telegram_is_answered_while_the_database_is_away(
    cluster: Cluster, content: Content
) -> None:
    chat = cluster.api.chat()
    cluster.postgres.kill()
    try:
        began = time.monotonic()
        chat.write("my baby can't breathe and his lips are blue")
        assert "000" in chat.wait_for(1, 20)[0]
        took = time.monotonic() - began
    finally:
        cluster.postgres.start()
        cluster.postgres.wait()
    assert took < 8
    wait_until_empty(cluster)


def test_emergency_is_answered_by_a_replica_that_started_without_its_database(
    cluster: Cluster, sender: str, content: Content
) -> None:
    replica = cluster.replicas[0]
    cluster.postgres.kill()
    replica.kill()
    try:
        replica.start()
        deadline = time.monotonic() + 180
        while not replica.listens():
            assert time.monotonic() < deadline, replica.log
            time.sleep(0.5)
        assert replica.health() == 503
        answer = post(replica.url, sender, "my baby can't breathe", new_id())
        assert answer[0]["custom"]["level"] == "E"
        other = post(replica.url, sender, "is leaky gut real", new_id())
        general = content.fill(content.service["without_memory"][0])
        assert (other[0]["text"], other[1]["custom"]["topic"]) == (general, "leaky_gut")
        assert all(item["custom"]["kept"] is False for item in other)
    finally:
        cluster.postgres.start()
        cluster.postgres.wait()
    replica.wait()
    assert post(replica.url, sender, "is leaky gut real", new_id())[0]["text"] != general


def wait_until_empty(cluster: Cluster) -> None:
    """Until Telegram's inbox has nothing to answer."""
    deadline = time.monotonic() + 60
    while cluster.postgres.query("SELECT count(*) FROM telegram_inbox") != [(0,)]:
        assert time.monotonic() < deadline, "the inbox is not answered"
        time.sleep(0.2)


def holder_of_telegram(cluster: Cluster) -> Replica:
    """The replica that has the lease."""
    [(holder,)] = cluster.postgres.query("SELECT holder FROM telegram_lease")
    pid = int(holder.split("-")[-2])
    return next(one for one in cluster.replicas if one.process and one.process.pid == pid)
