"""Fixtures that several folders of tests share."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sanic import Sanic


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
