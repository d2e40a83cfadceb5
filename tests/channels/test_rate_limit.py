"""R5: limits for a conversation and for an address, told clearly."""

from collections.abc import Callable

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from channels.fallback import Fallback
from channels.rate_limit import NoLimit, RateLimit, client_address, rate_limit
from channels.settings import SettingError
from channels.web import WebInput
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content

FALLBACK = Fallback(load_content(), own_gate())
KEY = b"a key that only these tests know of"


@pytest.fixture(autouse=True)
def limits_are_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RATE_LIMIT", raising=False)


async def say_hello(message: UserMessage) -> None:
    await message.output_channel.send_response(message.sender_id, {"text": "Hello."})


@pytest.fixture(scope="module")
def client(serve: Callable[[Sanic], str]) -> httpx.Client:
    app = Sanic("test_rate_limit", configure_logging=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RATE_LIMIT", raising=False)
        settings = WebSettings(
            messages_per_sender="2 per hour", requests_per_address="4 per hour", proxies=1
        )
        channel = WebInput(FALLBACK, KEY, settings)
    app.blueprint(channel.blueprint(say_hello), url_prefix="/webhooks/rest")
    return httpx.Client(base_url=serve(app))


def post(client: httpx.Client, sender: str, address: str, path: str = "webhook") -> httpx.Response:
    body = {"sender": sender, "message": "hi"}
    headers = {"X-Forwarded-For": address}
    return client.post(f"/webhooks/rest/{path}", json=body, headers=headers)


def test_conversation_over_its_limit_is_told_when_to_try_again(client: httpx.Client) -> None:
    codes = [post(client, "ann", f"192.0.2.{number}").status_code for number in range(3)]
    refused = post(client, "ann", "192.0.2.9")
    assert codes == [200, 200, 429]
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["retry-after"] in refused.json()["error"]
    assert post(client, "bob", "192.0.2.9").status_code == 200


def test_address_over_its_limit_is_refused_whoever_it_says_it_is(client: httpx.Client) -> None:
    codes = [post(client, f"visitor{number}", "198.51.100.1").status_code for number in range(6)]
    assert codes == [200] * 4 + [429] * 2
    assert post(client, "visitor9", "198.51.100.2").status_code == 200


def test_deleting_is_limited_too(client: httpx.Client) -> None:
    for number in range(4):
        post(client, f"many{number}", "203.0.113.5")
    assert post(client, "last", "203.0.113.5", "reset").status_code == 429


def test_refused_bodies_count_for_the_address(client: httpx.Client) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7"}
    answers = [
        client.post("/webhooks/rest/webhook", content=b"{", headers=headers) for _ in range(5)
    ]
    assert [answer.status_code for answer in answers] == [400] * 4 + [429]


async def test_keys_are_counted_apart_and_forgotten_afterwards() -> None:
    limit = RateLimit("1 per second")
    assert await limit.wait_seconds("ann") == 0
    assert await limit.wait_seconds("bob") == 0
    assert await limit.wait_seconds("ann") == 1


async def test_each_of_two_rates_holds() -> None:
    limit = RateLimit("5 per second; 2 per hour")
    assert [await limit.wait_seconds("ann") > 1 for _ in range(3)] == [False, False, True]


async def test_limits_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT", "0")
    limit = rate_limit("1 per hour")
    assert isinstance(limit, NoLimit)
    assert [await limit.wait_seconds("ann") for _ in range(3)] == [0, 0, 0]


def test_senseless_switch_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT", "off")
    with pytest.raises(SettingError, match="RATE_LIMIT=off"):
        rate_limit("1 per hour")


@pytest.mark.parametrize(
    ("forwarded_for", "proxies", "counted"),
    [
        ("", 0, "192.0.2.1"),
        ("203.0.113.9", 0, "192.0.2.1"),
        ("203.0.113.9", 1, "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", 1, "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9, 10.0.0.1", 2, "203.0.113.9"),
        ("", 1, "192.0.2.1"),
        ("203.0.113.9", 2, "192.0.2.1"),
        ("me", 1, "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", 1, "2001:db8:1:2::/64"),
    ],
)
def test_header_counts_only_behind_a_proxy_of_ours(
    forwarded_for: str, proxies: int, counted: str
) -> None:
    assert client_address("192.0.2.1", forwarded_for, proxies) == counted
