"""axe-core (WCAG 2.2 A and AA, best practice) on the widget in every state, light and dark."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

LAUNCH = "Ask the Gut–Skin Guide"
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 640}},
    "200 %": {"viewport": {"width": 640, "height": 400}},
    "400 %": {"viewport": {"width": 320, "height": 256}},
    "forced colours": {"forced_colors": "active"},
}


def closed(page: Page) -> None:
    expect(page.get_by_role("button", name=LAUNCH)).to_be_visible()


def opened(page: Page) -> None:
    page.get_by_role("button", name=LAUNCH).click()


def answered(page: Page) -> None:
    opened(page)
    ask(page, "fibre")
    expect(page.get_by_text("Sources (2)")).to_be_visible()
    page.get_by_text("Sources (2)").click()


def alarmed(page: Page) -> None:
    opened(page)
    ask(page, "can't breathe")
    expect(page.locator(".safety")).to_be_visible()


def typing(page: Page) -> None:
    opened(page)
    page.route("**/webhook", lambda _: None)
    ask(page, "fibre")
    expect(page.locator(".typing")).not_to_be_empty()


def failed(page: Page) -> None:
    opened(page)
    page.route("**/webhook", lambda route: route.fulfill(status=400, body="{}"))
    ask(page, "fibre")
    expect(page.get_by_role("alert")).not_to_be_empty()


def menu(page: Page) -> None:
    opened(page)
    page.get_by_text("More", exact=True).click()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("state", [closed, opened, answered, alarmed, typing, failed, menu])
def test_axe_finds_nothing(
    open_page: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    state: Callable[[Page], None],
    screen: str,
) -> None:
    page = open_page("/", reduced_motion="reduce", **SCREENS[screen])
    state(page)
    assert axe(page) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_on_the_page_of_the_chat(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]], screen: str
) -> None:
    page = open_page("/chat", **SCREENS[screen])
    ask(page, "fibre")
    expect(page.get_by_text("Sources (2)")).to_be_visible()
    assert axe(page) == []


def test_axe_can_find_something(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = open_page("/")
    page.evaluate("document.querySelector('h1').remove(); document.documentElement.lang = ''")
    assert axe(page)


@pytest.mark.parametrize("width", [320, 360, 640])
def test_nothing_is_lost_at_the_edge(open_page: Callable[..., Page], width: int) -> None:
    page = open_page("/", viewport={"width": width, "height": 512})
    answered(page)
    inner = "document.querySelector('gut-skin-chat').shadowRoot.querySelector('.scroll')"
    assert page.evaluate(f"{inner}.scrollWidth <= {inner}.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
