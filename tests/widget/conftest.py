"""The widget in a real browser: a server with scripted answers, and a page of another site."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request
from sanic import Sanic, response
from sanic.request import Request as SanicRequest
from sanic.response import HTTPResponse

from channels import site

ANSWER = {
    "text": "Fibre feeds your gut microbes.\n\nGood sources are:\n- oats\n- beans\n- greens",
    "buttons": [
        {"title": "Tell me more", "payload": "/more_detail"},
        {"title": "Fermented foods", "payload": "/ask_fermented_foods"},
    ],
    "custom": {
        "kind": "answer",
        "level": None,
        "topic": "fibre",
        "evidence": {
            "rating": "association",
            "label": "A link, not proof",
            "meaning": "Two things were seen together.",
        },
        "sources": [
            {
                "title": "Dietary fibre",
                "publisher": "Some Health Site",
                "url": "https://example.org/f",
            },
            {"title": "Not a web link", "publisher": "X", "url": "javascript:alert(1)"},
        ],
        "review": {"label": "Awaiting clinical review"},
    },
}
EMERGENCY = {
    "text": "This sounds urgent. Call 000 in Australia or 111 in New Zealand now.\n\n"
    "While you wait:\n- Sit them up.\n- Stay with them.",
    "custom": {
        "kind": "safety",
        "level": "E",
        "contacts": [
            {"name": "Emergency", "display": "000", "tel": "000", "country": "AU"},
            {"name": "Emergency", "display": "111", "tel": "111", "country": "NZ"},
            {
                "name": "Poisons Centre",
                "display": "0800 764 766",
                "tel": "0800764766",
                "country": "NZ",
            },
        ],
    },
}
MARKUP = {"text": "<img src=x onerror=alert(1)> <b>bold</b> costs 1 000 dollars"}

SCRIPT = '<script type="module" src="{server}/widget/gut-skin-chat.js"></script>'
STRICT = (
    "default-src 'none'; script-src {server}; connect-src {server}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HOSTILE = (
    "* { color: red !important; font: 40px cursive !important; display: inline !important; "
    "background: lime !important; margin: 30px !important; text-transform: uppercase !important }"
)
# Pages of another site, by path: head, body, and the policy sent with them.
HOST_PAGES = {
    "/plain": ("", SCRIPT, None),
    "/strict": ("", SCRIPT, STRICT),
    "/hostile": (f"<style>{HOSTILE}</style>", SCRIPT, None),
    "/twice": ("", SCRIPT + SCRIPT.replace(".js", ".js?again"), None),
    "/tag": (
        "",
        '<gut-skin-chat server="{server}" title="Ask us" tour></gut-skin-chat>' + SCRIPT,
        None,
    ),
    "/class_alone": (
        "",
        '<our-own-tag></our-own-tag><script type="module">'
        'import { GutSkinChat } from "{server}/widget/element.js";'
        'customElements.define("our-own-tag", GutSkinChat);</script>',
        None,
    ),
    "/absent": ("", '<script type="module" src="http://127.0.0.1:9/widget/x.js"></script>', None),
    "/rtl": ("", SCRIPT, None),
}


class Server:
    """What the widget is to be answered, and what it sent."""

    def __init__(self) -> None:
        self.address = ""
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.failures: list[int] = []
        self.received: list[dict[str, Any]] = []
        self.deleted: list[str] = []

    def reset(self) -> None:
        self.answers = {"fibre": [ANSWER], "can't breathe": [EMERGENCY], "markup": [MARKUP]}
        self.failures.clear()
        self.received.clear()
        self.deleted.clear()

    def add_routes(self, app: Sanic) -> None:
        site.add_routes(app)

        @app.middleware("response")
        async def permit(_: SanicRequest, answer: HTTPResponse) -> None:
            answer.headers["Access-Control-Allow-Origin"] = "*"
            answer.headers["Access-Control-Allow-Headers"] = "Content-Type"

        @app.options("/webhooks/rest/webhook", name="preflight_webhook")
        @app.options("/webhooks/rest/reset", name="preflight_reset")
        async def preflight(_: SanicRequest) -> HTTPResponse:
            return response.empty()

        @app.post("/webhooks/rest/webhook")
        async def webhook(request: SanicRequest) -> HTTPResponse:
            self.received.append(request.json)
            if self.failures:
                return response.json({"error": "no"}, status=self.failures.pop(0))
            return response.json(self.answers.get(request.json["message"], [{"text": "Hello."}]))

        @app.post("/webhooks/rest/reset")
        async def reset(request: SanicRequest) -> HTTPResponse:
            if self.failures:
                return response.json({"error": "no"}, status=self.failures.pop(0))
            self.deleted.append(request.json["sender"])
            return response.json({"deleted": 2})

    @property
    def messages(self) -> list[str]:
        return [body["message"] for body in self.received]


@pytest.fixture(scope="module")
def server(serve: Callable[[Sanic], str], request: pytest.FixtureRequest) -> Server:
    server = Server()
    app = Sanic(f"guide_of_{request.module.__name__}", configure_logging=False)
    server.add_routes(app)
    server.address = serve(app)
    return server


@pytest.fixture(scope="module")
def host(serve: Callable[[Sanic], str], server: Server, request: pytest.FixtureRequest) -> str:
    """Address of another site that has the widget on its pages."""
    app = Sanic(f"host_of_{request.module.__name__}", configure_logging=False)

    @app.get("/<name:str>")
    async def page(_: SanicRequest, name: str) -> HTTPResponse:
        head, body, policy = HOST_PAGES[f"/{name}"]
        headers = (
            {"Content-Security-Policy": policy.format(server=server.address)} if policy else {}
        )
        direction = "rtl" if name == "rtl" else "ltr"
        text = (
            f'<!doctype html><html lang="en" dir="{direction}"><title>Host</title>{head}'
            '<link rel="icon" href="data:,"><h1>Our site</h1><p id="ours">Words.</p>'
            f"{body.replace('{server}', server.address)}"
        )
        if policy:
            text = text.replace('<link rel="icon" href="data:,">', "")
        return response.html(text, headers=headers)

    return serve(app)


@pytest.fixture
def open_page(browser: Browser, server: Server, host: str) -> Iterator[Callable[..., Page]]:
    """Opens a page; at the end: no complaint in the console, no call to a third party."""
    server.reset()
    contexts, complaints, strangers = [], [], []

    def watch(request: Request) -> None:
        if not request.url.startswith((server.address, host, "data:", "about:")):
            strangers.append(request.url)

    def open_(
        path: str = "/chat", before: Callable[[Page], None] | None = None, **options: Any
    ) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", watch)
        if before:
            before(page)
        page.goto((host if path in HOST_PAGES else server.address) + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    expected = ("Failed to load resource: the server responded", "Failed to load resource: net::")
    assert [text for text in complaints if not text.startswith(expected)] == []
    assert [url for url in strangers if not url.startswith("http://127.0.0.1:9/")] == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """The page that is the chat and nothing else."""
    return open_page()
