"""What the tests of several replicas share: three of them, and what they stand on."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from servers import Postgres, Redis, folder_of_its_own, program

PACKAGES = {"postgres": "postgresql", "redis-server": "redis-server", "nginx": "nginx-light"}


@pytest.fixture(scope="session")
def programs(missing: Callable[[str], None]) -> None:
    for name, package in PACKAGES.items():
        if program(name) is None:
            missing(f"{name} is missing; `apt-get install {package}` brings it")


@pytest.fixture(scope="session")
def running(programs: None) -> Iterator[ExitStack]:
    """Ends what was started, the last one first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def postgres(running: ExitStack) -> Postgres:
    server = Postgres(running.enter_context(folder_of_its_own(Postgres.user())))
    server.make()
    running.callback(server.stop)
    server.start()
    server.wait()
    return server


@pytest.fixture(scope="session")
def redis(running: ExitStack) -> Redis:
    server = Redis(running.enter_context(folder_of_its_own()))
    running.callback(server.stop)
    server.start()
    server.wait()
    return server
