"""Headers that every answer has, also an error's; pages bring a policy of their own."""

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

# What is no page loads nothing, stands in no frame and is kept by nobody.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def add_headers(app: Sanic) -> None:
    """Add them to what `app` answers from now on; errors are told as JSON."""
    app.config.FALLBACK_ERROR_FORMAT = "json"

    @app.middleware("response")
    async def lock_down(_: Request, answer: HTTPResponse) -> None:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
