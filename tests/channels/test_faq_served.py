"""The guided FAQ on the server, and in a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sanic import Sanic

from channels import site
from channels.settings import SettingError
from editorial import faq
from editorial.content import load_content

TOPICS = sorted(topic.id for topic in faq.in_use(load_content()))
SCREENS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 640}},
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "320 px dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}
PAGES = [
    *("/faq", "/faq/probiotics", "/faq/seek_help", "/faq/phone-numbers", "/faq/no_such_page"),
    *("/faq/tour", "/faq/tour-me-2", "/faq/tour-carer-end"),
]


@pytest.fixture(scope="module")
def address(serve: Callable[[Sanic], str]) -> str:
    app = Sanic("test_faq_served", configure_logging=False)
    site.add_routes(app)
    return serve(app)


@pytest.fixture(scope="module")
def client(address: str) -> httpx.Client:
    return httpx.Client(base_url=address)


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a page; at the end: the console is silent and no other host was called."""
    contexts, complaints, strangers = [], [], []

    def open_(path: str = "/faq", **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: strangers.append(request.url))
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    missing = "Failed to load resource: the server responded with a status of 404"
    assert [text for text in complaints if not text.startswith(missing)] == []
    assert [url for url in strangers if not url.startswith((address, "data:"))] == []


@pytest.mark.parametrize("path", ["/faq", "/faq/phone-numbers", *(f"/faq/{t}" for t in TOPICS)])
def test_page_is_served_and_its_links_lead_somewhere(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    inner = {link.split("#")[0] for link in links(page.text) if link.startswith("/")}
    assert "/faq" in inner and "/chat" in inner
    for link in inner:
        assert client.head(link).status_code == 200


def test_page_is_locked_down_and_cached_by_its_content(client: httpx.Client) -> None:
    page = client.get("/faq/fibre")
    rules = page.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(rules)
    assert not any("unsafe" in rule or "*" in rule or "script-src" in rule for rule in rules)
    again = client.get("/faq/fibre", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["no_such_page", "fibre.html", "..%2Fsite.py", "<script>"])
def test_unknown_page_is_told_with_the_way_back(client: httpx.Client, name: str) -> None:
    page = client.get(f"/faq/{name}")
    assert page.status_code == 404
    assert 'href="/faq"' in page.text and 'href="tel:000"' in page.text
    assert 'name="robots" content="noindex"' in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text


def test_there_is_a_sitemap_once_the_address_is_known(
    serve: Callable[[Sanic], str], client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/faq/sitemap.xml").status_code == 404
    monkeypatch.setenv("FAQ_ADDRESS", "https://guide.example.org/faq")
    app = Sanic("test_faq_with_address", configure_logging=False)
    site.add_routes(app)
    found = httpx.get(f"{serve(app)}/faq/sitemap.xml")
    assert found.headers["content-type"].startswith("application/xml")
    assert "<loc>https://guide.example.org/faq/fibre</loc>" in found.text


def test_senseless_address_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAQ_ADDRESS", "our website")
    with pytest.raises(SettingError, match="FAQ_ADDRESS=our website"):
        site.add_routes(Sanic("test_faq_refused", configure_logging=False))


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]], path: str, screen: str
) -> None:
    assert axe(open_page(path, **SCREENS[screen])) == []


def test_axe_can_find_something_in_the_faq(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = open_page()
    page.evaluate("document.querySelector('h1').remove()")
    assert axe(page)


@pytest.mark.parametrize("width", [320, 360, 640])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_lost_at_the_edge_of_the_faq(
    open_page: Callable[..., Page], path: str, width: int
) -> None:
    page = open_page(path, viewport={"width": width, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_style_of_the_page_is_in_force(open_page: Callable[..., Page]) -> None:
    notice = open_page("/faq/fibre").locator(".notice")
    assert notice.evaluate("node => getComputedStyle(node).borderTopStyle") == "solid"


def test_all_of_it_works_without_javascript(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="Do probiotics help treat eczema?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Do probiotics help treat eczema?")
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    page.get_by_role("link", name="All questions").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("questions and answers")


def test_links_that_stand_alone_are_large_enough_for_a_thumb(
    open_page: Callable[..., Page],
) -> None:
    for path in PAGES:
        page = open_page(path, viewport={"width": 360, "height": 640})
        alone = page.locator("nav a, .emergency a, .trail a, .numbers .call, h3 a")
        boxes = [(link.inner_text(), link.bounding_box()) for link in alone.all()]
        small = [name for name, box in boxes if not box or min(box["width"], box["height"]) < 44]
        assert boxes and small == []


def test_paper_has_the_answer_the_numbers_and_the_addresses_of_the_sources(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/faq/probiotics", color_scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator(".emergency")).to_be_visible()
    expect(page.get_by_role("heading", name="When to see a GP")).to_be_visible()
    expect(page.locator("nav").first).to_be_hidden()
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    link = page.locator(".sources a").first
    shown = link.evaluate("node => getComputedStyle(node, '::after').content")
    assert str(link.get_attribute("href")) in shown


def links(text: str) -> list[str]:
    return [part.split('"')[0] for part in text.split('href="')[1:]]
