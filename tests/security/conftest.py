"""The real server, for those who mean it harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from target import Target, http_guide


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(http_guide.furnished(tmp_path_factory.mktemp("target")), http_guide.free_port())
    try:
        target.start()
        yield target
    finally:
        target.stop()


@pytest.fixture
def new_target(tmp_path: Path) -> Target:
    """Furnished and not started."""
    return Target(http_guide.furnished(tmp_path), http_guide.free_port())
