"""GET /metrics: there with a token in the environment, and open to who has it."""

import httpx
import pytest
from sanic import Sanic

from channels import metrics
from channels.settings import SettingError

TOKEN = "m" * 32


class Queue:
    """A channel with messages waiting, or with a database that is away."""

    broken = False

    async def waiting(self):
        if self.broken:
            raise ConnectionError("postgres://user:" + "pass" + "word@db")
        return 3, 12.5


async def ready(app):
    return app.ctx.reason


@pytest.fixture(scope="module")
def app():
    app = Sanic("test_metrics", configure_logging=False)
    app.ctx.reason = None
    app.ctx.input_channels = [object(), Queue()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METRICS_TOKEN", TOKEN)
        metrics.add_routes(app, ready)
    return app


@pytest.fixture(scope="module")
def address(serve, app):
    return f"{serve(app)}/metrics"


@pytest.fixture(autouse=True)
def in_order(app):
    app.ctx.reason, Queue.broken = None, False


def scrape(address, token=TOKEN):
    return httpx.get(address, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "given", ["", "Bearer", f"Bearer {TOKEN}m", f"Bearer {TOKEN[1:]}", TOKEN, f"Basic {TOKEN}"]
)
def test_without_the_right_token_nothing_is_told(address, given):
    answer = httpx.get(address, headers={"Authorization": given} if given else {})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "guide_" not in answer.text


def test_odd_bytes_as_a_token_are_refused_like_any_other(address):
    answer = httpx.get(address, headers={b"Authorization": "Bearer grüße".encode()})
    assert answer.status_code == 401


def test_with_the_token_the_figures_are_told(address):
    answer = scrape(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "process_resident_memory_bytes" in answer.text


def test_readiness_is_that_of_the_health_check(address, app):
    assert "guide_ready 1.0" in scrape(address).text
    app.ctx.reason = "no model is loaded"
    assert "guide_ready 0.0" in scrape(address).text


def test_queue_of_a_channel_is_told(address):
    text = scrape(address).text
    assert "guide_telegram_waiting 3.0" in text
    assert "guide_telegram_waiting_seconds 12.5" in text


def test_queue_that_cannot_be_measured_costs_its_figures_alone(address, caplog):
    Queue.broken = True
    assert scrape(address).status_code == 200
    assert "The queue could not be measured" in caplog.text
    assert "password" not in caplog.text


def test_without_a_token_in_the_environment_there_is_no_such_page(serve, monkeypatch):
    monkeypatch.delenv("METRICS_TOKEN", raising=False)
    app = Sanic("test_no_metrics", configure_logging=False)
    metrics.add_routes(app, ready)
    assert app.router.routes == ()


def test_short_token_is_refused_and_not_shown(monkeypatch):
    monkeypatch.setenv("METRICS_TOKEN", "short-and-secret")
    with pytest.raises(SettingError, match="openssl rand") as refused:
        metrics.configured_token()
    assert "short-and-secret" not in str(refused.value)
