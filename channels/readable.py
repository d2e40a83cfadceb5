"""What anybody may read by its address: GET gives it, HEAD the same answer without its body.

Monitors and link checkers ask with HEAD.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Blueprint, Sanic
from sanic.response import HTTPResponse

Handler = Callable[..., Awaitable[HTTPResponse]]
METHODS = ("GET", "HEAD")


def readable(
    routes: Sanic | Blueprint, path: str, name: str | None = None
) -> Callable[[Handler], Any]:
    """Decorates what answers at `path`; a request's body, which none of these needs, is not read.

    Sanic itself leaves the body out where HEAD asks.
    """
    return routes.route(path, methods=METHODS, name=name, ignore_body=True)  # type: ignore[no-any-return]
