"""Fixtures that several folders of tests share."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sanic import Sanic

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).resolve().parents[1] / "widget/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def missing() -> Callable[[str], None]:
    """Ends a test whose tool is missing: skipped on a laptop, failed where CI is set."""

    def end(what: str) -> None:
        if os.environ.get("CI"):
            pytest.fail(f"{what}; CI must have it")
        pytest.skip(what)

    return end


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Sanic], str]]:
    """A function that starts an app on a free loopback port and returns its address."""
    with ExitStack() as running:
        yield lambda app: running.enter_context(served(app))


@pytest.fixture(scope="module")
def browser(missing: Callable[[str], None]) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is missing; `apt-get install chromium` brings it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(missing: Callable[[str], None]) -> Callable[[Page], list[str]]:
    """A function that lists what axe-core finds wrong with a page."""
    if not AXE.exists():
        missing("axe-core is missing; `npm ci --prefix widget` brings it")
    source = AXE.read_text(encoding="utf-8")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def check(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("tags => axe.run({runOnly: tags})", tags)
        return [
            f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return check


@contextmanager
def served(app: Sanic) -> Iterator[str]:
    # Without it Sanic 21.12 can start only one app in a process.
    Sanic.test_mode = True
    listener = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    started = threading.Event()

    async def start() -> None:
        server = await app.create_server(sock=listener, return_asyncio_server=True)
        assert server is not None
        await server.startup()
        await server.start_serving()
        started.set()

    def run() -> None:
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10), "the test server did not start"
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
