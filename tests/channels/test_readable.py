"""HEAD on what the server gives is answered as GET is, without the body."""

from collections.abc import Callable

import httpx
import pytest
from sanic import Sanic

from channels import site
from channels.fallback import Fallback
from channels.security_headers import add_headers
from channels.web import WebInput
from channels.web_settings import WebSettings
from components.safety.gate import own_gate
from editorial.content import load_content

PAGES = (
    *("/", "/chat", "/faq", "/faq/probiotics", "/faq/tour", "/faq/sitemap.xml"),
    *("/static/page.css", "/widget/gut-skin-chat.js", "/widget/element.js"),
    *("/live", "/health", "/webhooks/rest/", "/webhooks/rest/openapi.yml"),
)
MISSING = ("/nowhere", "/faq/no_such_page", "/static/nothing.css", "/widget/nothing.js")


@pytest.fixture(scope="module")
def client(serve: Callable[[Sanic], str]) -> httpx.Client:
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("FAQ_ADDRESS", "https://www.example.org/faq")
        app = Sanic("test_readable", configure_logging=False)
        add_headers(app)
        site.add_routes(app)
    channel = WebInput(Fallback(load_content(), own_gate()), b"key", WebSettings())
    app.blueprint(channel.blueprint(nobody), url_prefix="/webhooks/rest")
    return httpx.Client(base_url=serve(app))


async def nobody(_: object) -> None:
    raise AssertionError("HEAD is no message")


@pytest.mark.parametrize("path", [*PAGES, *MISSING])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_is_answered_as_get_without_the_body(
    client: httpx.Client, path: str, encoding: str
) -> None:
    accept = {"Accept-Encoding": encoding}
    got, told = client.get(path, headers=accept), client.head(path, headers=accept)
    assert told.status_code == got.status_code
    assert told.headers == got.headers
    assert got.content and not told.content


@pytest.mark.parametrize("path", ["/", "/faq/probiotics", "/widget/gut-skin-chat.js"])
def test_head_for_what_the_asker_has_already_says_so(client: httpx.Client, path: str) -> None:
    etag = client.head(path).headers["etag"]
    again = client.head(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.headers["etag"]) == (304, etag)


@pytest.mark.parametrize("path", ["/webhooks/rest/webhook", "/webhooks/rest/reset"])
def test_chat_is_not_read_with_head(client: httpx.Client, path: str) -> None:
    assert client.head(path).status_code == 405
