"""R6: pages of other sites may use the channel only where the operator has named them."""

from collections.abc import Callable

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from channels.fallback import Fallback
from channels.web import WebInput
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content

FALLBACK = Fallback(load_content(), own_gate())
KEY = b"a key that only these tests know of"
NAMED = "https://www.example.org"
PATHS = ["webhook", "reset"]


async def say_hello(message: UserMessage) -> None:
    await message.output_channel.send_response(message.sender_id, {"text": "Hello."})


@pytest.fixture(scope="module")
def client(serve: Callable[[Sanic], str]) -> httpx.Client:
    app = Sanic("test_cross_origin", configure_logging=False)
    settings = WebSettings(allowed_origins=[NAMED], messages_per_sender="1 per hour")
    channel = WebInput(FALLBACK, KEY, settings)
    app.blueprint(channel.blueprint(say_hello), url_prefix="/webhooks/rest")
    return httpx.Client(base_url=serve(app))


def preflight(client: httpx.Client, origin: str, path: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return client.options(f"/webhooks/rest/{path}", headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_named_sites_preflight_is_granted(client: httpx.Client, path: str) -> None:
    answer = preflight(client, NAMED, path)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == NAMED
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://www.example.org", f"{NAMED}.evil.example", ""],
)
def test_any_other_sites_preflight_grants_nothing(
    client: httpx.Client, origin: str, path: str
) -> None:
    answer = preflight(client, origin, path)
    assert not any(name.startswith("access-control") for name in answer.headers)
    assert answer.headers["vary"] == "Origin"


def test_named_site_may_read_answers_and_refusals(client: httpx.Client) -> None:
    body = {"sender": "ann", "message": "hi"}
    for code in (200, 429):
        answer = client.post("/webhooks/rest/webhook", json=body, headers={"Origin": NAMED})
        assert answer.status_code == code
        assert answer.headers["access-control-allow-origin"] == NAMED
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


def test_page_of_another_site_may_not_read_the_answer(client: httpx.Client) -> None:
    body = {"sender": "bob", "message": "hi"}
    headers = {"Origin": "https://evil.example"}
    answer = client.post("/webhooks/rest/webhook", json=body, headers=headers)
    assert "access-control-allow-origin" not in answer.headers


def test_nobody_is_named_by_default() -> None:
    assert WebSettings().allowed_origins == ()
