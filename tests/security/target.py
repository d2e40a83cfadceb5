"""The real server, and the bytes it answers to bytes."""

import importlib.util
import socket
from pathlib import Path

# Its Guide is the one that tests/http talks to; a conftest cannot be imported by name.
_spec = importlib.util.spec_from_file_location(
    "guide_overhttp_guide", Path(__file__).resolve().parents[1] / "http" / "conftest.py"
)
assert _spec is not None and _spec.loader is not None
http_guide = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(http_guide)


class Target(http_guide.Guide):  # type: ignore[misc, name-defined]
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
