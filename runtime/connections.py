"""Connections that are slow, silent or too many are closed, before they cost anybody an answer.

Sanic 21.12 has time limits, but counts anew with each byte that arrives: a client that sends one
byte a second holds its connection for ever.
"""

import asyncio
from functools import partialmethod
from typing import Any

from sanic import Sanic
from sanic.http import Stage
from sanic.server import HttpProtocol

MAX_CONNECTIONS = 800  # below 1,024, the usual limit of open files
HEADER_SECONDS = 10  # to send the first line and the headers
REQUEST_SECONDS = 20  # to send the body too, and to get the answer, which takes 8 s at most
IDLE_SECONDS = 75  # between two requests; reverse proxies drop theirs after 60
LOOK_SECONDS = 2
MAX_BODY_BYTES = 1024 * 1024  # the web channel takes 64 kB, Telegram sends little more


class StrictProtocol(HttpProtocol):  # type: ignore[misc]
    """Sanic's, with a clock that starts with a request and that no byte sets back."""

    __slots__ = ("_began", "_has_spoken")  # Sanic's classes have no place for others

    def connection_made(self, transport: Any) -> None:
        if len(self.connections) >= MAX_CONNECTIONS and not self._has_made_room():
            transport.abort()
            return
        self._began, self._has_spoken = self.loop.time(), False
        super().connection_made(transport)
        self._look_again()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self in self.connections:  # else it was refused above
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_at_rest():
            self._began = self.loop.time()
        self._has_spoken = True
        super().data_received(data)

    def _has_made_room(self) -> bool:
        """Whether a connection without a request could be closed for a new one."""
        return any(other.close_if_idle() for other in list(self.connections))

    def _is_at_rest(self) -> bool:
        """Whether no request is under way; the rest of a body that nobody wants belongs to one."""
        http = getattr(self, "_http", None)  # not there before the connection's task has begun
        return http is None or (http.stage is Stage.IDLE and not http.request_body)

    def _look_again(self) -> None:
        if self not in self.connections:
            return
        if self.loop.time() - self._began > self._allowed_seconds():
            self.abort()
        else:
            self.loop.call_later(LOOK_SECONDS, self._look_again)

    def _allowed_seconds(self) -> float:
        if self._is_at_rest():
            return float("inf") if self._has_spoken else HEADER_SECONDS
        return HEADER_SECONDS if self._http.stage is Stage.REQUEST else REQUEST_SECONDS


def use_strict_protocol() -> None:
    """For every Sanic app of this process that is run from now on."""
    Sanic.run = partialmethod(Sanic.run, protocol=StrictProtocol)


async def set_limits(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
    """Listener of the server; Rasa has set a limit of its own before."""
    app.config.REQUEST_TIMEOUT = HEADER_SECONDS
    app.config.RESPONSE_TIMEOUT = REQUEST_SECONDS
    app.config.KEEP_ALIVE_TIMEOUT = IDLE_SECONDS
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
