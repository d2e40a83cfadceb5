"""The real server, for those who mean it harm."""

import importlib.util
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

# Its Guide is the one that tests/http talks to; a conftest cannot be imported by name.
_spec = importlib.util.spec_from_file_location(
    "guide_over_http", Path(__file__).resolve().parents[1] / "http" / "conftest.py"
)
assert _spec is not None and _spec.loader is not None
_http = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_http)


class Target(_http.Guide):  # type: ignore[misc, name-defined]
    """A guide, and the bytes it answers to bytes."""

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def raw(self, request: bytes) -> bytes:
        """All that comes back until the server closes; "" when it resets the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(_http.furnished(tmp_path_factory.mktemp("target")), _http.free_port())
    try:
        target.start()
        yield target
    finally:
        target.stop()


@pytest.fixture
def new_target(tmp_path: Path) -> Target:
    """Furnished and not started."""
    return Target(_http.furnished(tmp_path), _http.free_port())
