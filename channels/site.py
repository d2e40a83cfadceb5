"""The web page, its files, and the health check, on the server that answers the chat."""

import asyncio
import hashlib
import html
import re
from pathlib import Path
from typing import NamedTuple

from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from editorial.content import Content, load_content

WEBSITE_DIR = Path(__file__).resolve().parent.parent / "website"
HEALTH_LIMIT_SECONDS = 2.0
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
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
}
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class File(NamedTuple):
    """A file of the page, as it is sent."""

    body: bytes
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


def add_routes(app: Sanic) -> None:
    """Serve the page, its files and GET /health; stands in for Rasa's own root route."""
    page = File(page_html(load_content()).encode(), "text/html; charset=utf-8")
    files = static_files()

    @app.get("/")
    async def root(request: Request) -> HTTPResponse:
        return send(request, page)

    @app.get("/static/<name:str>")
    async def static(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            return response.json({"error": "There is no such file."}, status=404)
        return send(request, files[name])

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        reason = await why_not_ready(app)
        if reason:
            return response.json({"status": "unavailable", "reason": reason}, status=503)
        return response.json({"status": "ok", "model": app.ctx.agent.processor.model_filename})


def send(request: Request, file: File) -> HTTPResponse:
    """`file`, or 304 when the browser has it already."""
    headers = {**SECURITY_HEADERS, "ETag": file.etag}
    if request.headers.get("if-none-match") == file.etag:
        return response.raw(b"", status=304, headers=headers)
    return response.raw(file.body, content_type=file.content_type, headers=headers)


def static_files(folder: Path = WEBSITE_DIR) -> dict[str, File]:
    """The files below /static/, by name; read once, so that no request names a path."""
    return {
        path.name: File(path.read_bytes(), CONTENT_TYPES[path.suffix])
        for path in folder.iterdir()
        if path.suffix in CONTENT_TYPES
    }


def page_html(content: Content, folder: Path = WEBSITE_DIR) -> str:
    """index.html with every {{placeholder}} filled from the reviewed content."""
    values = {
        "emergency_line": with_links(content, content.service["emergency_line"][0]),
        "greeting": html.escape(content.fill(content.service["greeting"][0])),
        "privacy": html.escape(content.fill(content.service["privacy"][0])),
    }
    template = (folder / "index.html").read_text(encoding="utf-8")
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def with_links(content: Content, text: str) -> str:
    """`text` as HTML, each {number} of it a link that calls."""
    links = {
        key: f'<a class="call" href="tel:{html.escape(number.tel)}">'
        f"{html.escape(number.display)}</a>"
        for key, number in content.numbers.items()
    }
    return content.fill(html.escape(text), **links)


async def why_not_ready(app: Sanic) -> str | None:
    """Why the guide cannot answer now, in a few words; None when it can."""
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return "no model is loaded"
    try:
        async with asyncio.timeout(HEALTH_LIMIT_SECONDS):
            await unwrapped(agent.tracker_store).exists("health-check")
    except Exception as error:  # any failure of the store means "not ready"
        return f"the tracker store does not answer ({type(error).__name__})"
    return None


def unwrapped(tracker_store: TrackerStore) -> TrackerStore:
    """The store itself: Rasa's fail-safe wrapper would hide that it is down."""
    if isinstance(tracker_store, FailSafeTrackerStore):
        return tracker_store._tracker_store
    return tracker_store
