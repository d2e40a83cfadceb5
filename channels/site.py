"""The web pages, their files, and the health check, on the server that answers the chat."""

import asyncio
import re
from pathlib import Path

from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels import faq, metrics, widget
from channels.readable import readable
from channels.static_file import StaticFile
from editorial.content import Content, load_content
from editorial.faq import with_links

WEBSITE_DIR = Path(__file__).resolve().parent.parent / "website"
HEALTH_LIMIT_SECONDS = 2.0
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HTML = "text/html; charset=utf-8"
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def add_routes(app: Sanic) -> None:
    """Serve the pages, their files, the widget, and how the server does; / stands in for Rasa's."""
    content = load_content()
    widget.add_routes(app, content)
    faq.add_routes(app, content)
    metrics.add_routes(app, why_not_ready)
    pages = {
        name: StaticFile(page_html(content, f"{name}.html").encode(), HTML)
        for name in ("index", "chat")
    }
    files = static_files()

    @readable(app, "/")
    async def root(request: Request) -> HTTPResponse:
        return pages["index"].answer(request)

    @readable(app, "/chat")
    async def chat(request: Request) -> HTTPResponse:
        return pages["chat"].answer(request)

    @readable(app, "/static/<name:str>")
    async def static(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            return response.json({"error": "There is no such file."}, status=404)
        return files[name].answer(request)

    # For whoever restarts a server that hangs: with the store away, a restart would not help.
    @readable(app, "/live")
    async def live(_: Request) -> HTTPResponse:
        return response.json({"status": "alive"})

    @readable(app, "/health")
    async def health(_: Request) -> HTTPResponse:
        reason = await why_not_ready(app)
        if reason:
            return response.json({"status": "unavailable", "reason": reason}, status=503)
        return response.json({"status": "ok", "model": app.ctx.agent.processor.model_filename})


def static_files(folder: Path = WEBSITE_DIR) -> dict[str, StaticFile]:
    """The files below /static/, by name; read once, so that no request names a path."""
    return {
        path.name: StaticFile(path.read_bytes(), CONTENT_TYPES[path.suffix])
        for path in folder.iterdir()
        if path.suffix in CONTENT_TYPES
    }


def page_html(content: Content, name: str, folder: Path = WEBSITE_DIR) -> str:
    """The page `name` with every {{placeholder}} filled: wording, and the widget's addresses."""
    module = widget.module_text(content).encode()
    values = {
        "emergency_line": with_links(content, content.service["emergency_line"][0]),
        "integrity": widget.integrity(module),
        "pinned_address": widget.pinned_address(module),
    }
    template = (folder / name).read_text(encoding="utf-8")
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


async def why_not_ready(app: Sanic) -> str | None:
    """Why the guide cannot answer now, in a few words; None when it can."""
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return "no model is loaded"
    try:
        async with asyncio.timeout(HEALTH_LIMIT_SECONDS):
            await asyncio.to_thread(_look_into, unwrapped(agent.tracker_store))
    except Exception as error:  # any failure of the store means "not ready"
        return f"the tracker store does not answer ({type(error).__name__})"
    return None


def _look_into(store: TrackerStore) -> None:
    # On a thread: a store that is stuck never gives way to the event loop.
    asyncio.run(store.exists("health-check"))


def unwrapped(tracker_store: TrackerStore) -> TrackerStore:
    """The store itself: Rasa's fail-safe wrapper would hide that it is down."""
    if isinstance(tracker_store, FailSafeTrackerStore):
        return tracker_store._tracker_store
    return tracker_store
