"""The page, its files and the health check."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import httpx
import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from sanic import Sanic

from channels import site
from editorial.content import load_content


@pytest.fixture(scope="module")
def app() -> Sanic:
    app = Sanic("test_site", configure_logging=False)
    site.add_routes(app)
    return app


@pytest.fixture(scope="module")
def client(serve: Callable[[Sanic], str], app: Sanic) -> httpx.Client:
    return httpx.Client(base_url=serve(app))


@pytest.fixture(autouse=True)
def ready_agent(app: Sanic) -> SimpleNamespace:
    agent = SimpleNamespace(
        is_ready=lambda: True,
        processor=SimpleNamespace(model_filename="model.tar.gz"),
        tracker_store=InMemoryTrackerStore(Domain.empty()),
    )
    app.ctx.agent = agent
    return agent


class DeadStore(InMemoryTrackerStore):
    async def retrieve(self, sender_id: str) -> None:
        raise ConnectionError("postgres://user:password@db")


class HangingStore(InMemoryTrackerStore):
    async def retrieve(self, sender_id: str) -> None:
        await asyncio.sleep(5)


@pytest.mark.parametrize("path", ["/", "/chat"])
def test_page_is_complete_and_has_emergency_numbers_that_call(
    client: httpx.Client, path: str
) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "{{" not in page.text
    assert 'href="tel:000"' in page.text and 'href="tel:111"' in page.text
    assert "not a doctor" in page.text


def test_page_is_locked_down(client: httpx.Client) -> None:
    headers = client.get("/").headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "base-uri 'none'"} <= set(policy)
    assert {"form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "require-trusted-types-for 'script'" in policy
    assert not any("unsafe" in part or "*" in part for part in policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_reviewed_words_cannot_become_markup() -> None:
    content = load_content()
    assert site.with_links(content, "a < b & {au_emergency}") == (
        'a &lt; b &amp; <a class="call" href="tel:000">000</a>'
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [("page.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
def test_files_of_the_page_are_served(client: httpx.Client, name: str, kind: str) -> None:
    file = client.get(f"/static/{name}")
    assert file.status_code == 200
    assert file.headers["content-type"].startswith(kind)
    assert file.headers["x-content-type-options"] == "nosniff"
    again = client.get(f"/static/{name}", headers={"If-None-Match": file.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/", "/static/index.html", "/static/..%2Fpyproject.toml", "/static/%2e%2e/x"]
)
def test_nothing_else_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_healthy_guide_names_its_model(client: httpx.Client) -> None:
    health = client.get("/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok", "model": "model.tar.gz"})


def test_guide_whose_store_is_dead_is_alive(
    client: httpx.Client, ready_agent: SimpleNamespace
) -> None:
    ready_agent.tracker_store = DeadStore(Domain.empty())
    live = client.get("/live")
    assert (live.status_code, live.json()) == (200, {"status": "alive"})


def test_no_agent_is_not_healthy(client: httpx.Client, app: Sanic) -> None:
    del app.ctx.agent
    assert reason(client) == "no model is loaded"


def test_agent_without_model_is_not_healthy(
    client: httpx.Client, ready_agent: SimpleNamespace
) -> None:
    ready_agent.is_ready = lambda: False
    assert reason(client) == "no model is loaded"


def test_dead_store_is_not_healthy_even_behind_rasas_wrapper(
    client: httpx.Client, ready_agent: SimpleNamespace
) -> None:
    ready_agent.tracker_store = FailSafeTrackerStore(DeadStore(Domain.empty()))
    assert reason(client) == "the tracker store does not answer (ConnectionError)"


def test_hanging_store_is_not_healthy(
    client: httpx.Client, ready_agent: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "HEALTH_LIMIT_SECONDS", 0.1)
    ready_agent.tracker_store = HangingStore(Domain.empty())
    assert reason(client) == "the tracker store does not answer (TimeoutError)"


def reason(client: httpx.Client) -> str:
    health = client.get("/health")
    assert health.status_code == 503
    return str(health.json()["reason"])
