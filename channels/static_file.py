"""A file that the server sends whole: compressed, cached by its content, locked down."""

import gzip
import hashlib
from functools import cached_property

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


class StaticFile:
    """A file as it is sent; made once, when the server starts."""

    def __init__(
        self, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        """`headers` are sent beside, or instead of, the ones that lock every file down."""
        self.body = body
        self.content_type = content_type
        self.headers = {**SECURITY_HEADERS, **(headers or {})}

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, mtime=0)

    def answer(self, request: Request) -> HTTPResponse:
        """The file, or 304 when the browser has it already."""
        headers = {**self.headers, "ETag": self.etag}
        if request.headers.get("if-none-match") == self.etag:
            return response.raw(b"", status=304, headers=headers)
        body = self.body
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = self.compressed
        return response.raw(body, content_type=self.content_type, headers=headers)
