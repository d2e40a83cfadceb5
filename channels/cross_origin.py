"""Lets the pages of other sites talk to a channel, where the operator has named the site."""

from collections.abc import Iterable

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

PREFLIGHT_SECONDS = "600"


def allow_origins(blueprint: Blueprint, origins: Iterable[str], paths: Iterable[str]) -> None:
    """Answer preflights for `paths`, and tell browsers which of `origins` may read an answer.

    A page of the server's own origin needs no permission; any other gets none.
    """
    allowed = frozenset(origins)

    async def preflight(_: Request) -> HTTPResponse:
        return response.empty()

    for path in paths:
        name = f"preflight_{path.strip('/')}"
        blueprint.add_route(preflight, path, methods=["OPTIONS"], name=name)

    @blueprint.middleware("response")
    async def permit(request: Request, answer: HTTPResponse) -> None:
        answer.headers["Vary"] = "Origin"
        origin = request.headers.get("origin")
        if origin not in allowed:
            return
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Expose-Headers"] = "Retry-After"
        if request.method == "OPTIONS":
            answer.headers["Access-Control-Allow-Methods"] = "POST"
            answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
            answer.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
