"""The widget on other people's pages: one script tag, no harm done, none taken."""

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from channels import widget

LAUNCH = "Ask the Gut–Skin Guide"
PHONE = {"width": 360, "height": 640}
LIMIT = 10_000  # bytes, compressed


def launch(page: Page) -> None:
    page.get_by_role("button", name=LAUNCH).click()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".typing")).to_be_empty()


def test_one_script_tag_is_enough(open_page: Callable[..., Page], server: Any) -> None:
    page = open_page("/plain")
    launch(page)
    ask(page, "fibre")
    expect(page.locator(".guide").last).to_contain_text("Fibre feeds")
    assert server.messages == ["fibre"]


def test_module_is_one_small_request(server: Any) -> None:
    answer = httpx.get(f"{server.address}/widget/gut-skin-chat.js")
    assert answer.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(answer.content)) <= LIMIT
    assert b"import " not in answer.content


def test_module_may_be_loaded_anywhere_and_is_cached(server: Any) -> None:
    address = f"{server.address}/widget/gut-skin-chat.js"
    answer = httpx.get(address)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = httpx.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pinned_address_and_integrity_hash_of_the_sample_page_fit(server: Any) -> None:
    page = httpx.get(f"{server.address}/").text
    address = page.split("https://YOUR-GUIDE/widget/gut-skin-chat.")[2].split('"')[0]
    module = httpx.get(f"{server.address}/widget/gut-skin-chat.{address}")
    digest = base64.b64encode(hashlib.sha384(module.content).digest()).decode()
    assert f'integrity="sha384-{digest}"' in page
    assert "immutable" in module.headers["cache-control"]


def test_no_template_stands_inside_a_template() -> None:
    """The minifier would eat blanks of the inner one."""
    assert re.findall(r"`[^`]*\$\{[^}`]*`", widget.ELEMENT.read_text(encoding="utf-8")) == []


def test_class_can_be_had_without_registering_it(open_page: Callable[..., Page]) -> None:
    page = open_page("/class_alone")
    expect(page.locator("our-own-tag").get_by_role("button", name=LAUNCH)).to_be_visible()
    assert page.evaluate("customElements.get('gut-skin-chat') === undefined")


def test_wording_comes_from_the_content(server: Any) -> None:
    assert "I'm the Gut–Skin Guide" in httpx.get(f"{server.address}/widget/gut-skin-chat.js").text


def test_other_files_of_the_widget_are_not_served(server: Any) -> None:
    for name in (
        "define.js",
        "package.json",
        "jsconfig.json",
        "gut-skin-chat.000000000000.js",
        "..%2Fdomain.yml",
    ):
        assert httpx.get(f"{server.address}/widget/{name}").status_code == 404


def test_tag_decides_title_and_tour(open_page: Callable[..., Page], server: Any) -> None:
    page = open_page("/tag")
    launch(page)
    expect(page.get_by_role("heading", level=2)).to_contain_text("Ask us")
    page.get_by_role("button", name="tour").click()
    expect(page.locator(".guide")).to_have_count(2)
    assert server.messages == ["/start_tour"]


def test_script_twice_is_one_widget(open_page: Callable[..., Page]) -> None:
    page = open_page("/twice")
    expect(page.get_by_role("button", name=LAUNCH)).to_have_count(1)


def test_page_is_unharmed_when_the_guide_is_away(open_page: Callable[..., Page]) -> None:
    page = open_page("/absent")
    expect(page.get_by_role("heading", name="Our site")).to_be_visible()


def test_it_never_opens_by_itself(open_page: Callable[..., Page]) -> None:
    page = open_page("/plain", before=lambda page: page.clock.install())
    page.clock.run_for(60_000)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_first_words_and_privacy_stand_before_the_first_message(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/plain")
    launch(page)
    for words in ("Automated guide, not a doctor", "Privacy:", "Emergency:"):
        expect(page.get_by_role("dialog").get_by_text(words)).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('gut-skin-chat')").count('"id":""') == 1


def test_strict_policy_and_trusted_types_are_kept(open_page: Callable[..., Page]) -> None:
    page = open_page("/strict")
    launch(page)
    for text in ("fibre", "can't breathe", "markup"):
        ask(page, text)
    expect(page.locator(".safety")).to_be_visible()


LOOKS = """() => {
  const root = document.querySelector("gut-skin-chat").shadowRoot;
  return ["h2", ".guide p", ".send", "dialog"].map((name) => {
    const style = getComputedStyle(root.querySelector(name));
    return [name, style.color, style.font, style.margin, style.display, style.textTransform];
  });
}"""


def test_styles_of_the_page_do_not_reach_it(open_page: Callable[..., Page]) -> None:
    looks = []
    for path in ("/plain", "/hostile"):
        page = open_page(path)
        launch(page)
        looks.append(page.evaluate(LOOKS))
    assert looks[0] == looks[1]


def test_it_changes_no_style_of_the_page(open_page: Callable[..., Page]) -> None:
    page = open_page("/plain")
    launch(page)
    with_it = page.evaluate("({...getComputedStyle(document.querySelector('#ours'))})")
    page.locator("gut-skin-chat").evaluate("node => node.remove()")
    assert page.evaluate("({...getComputedStyle(document.querySelector('#ours'))})") == with_it
    assert page.evaluate("document.adoptedStyleSheets.length") == 0


def test_escape_and_the_cross_close_and_give_the_focus_back(open_page: Callable[..., Page]) -> None:
    page = open_page("/plain")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=LAUNCH)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=LAUNCH)).to_be_focused()
    launch(page)
    page.get_by_role("button", name="Close the chat").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name=LAUNCH)).to_be_focused()


def test_escape_closes_an_open_menu_first(open_page: Callable[..., Page]) -> None:
    page = open_page("/plain")
    launch(page)
    page.get_by_text("More", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Start again")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_on_a_phone_it_fills_the_screen_and_calls_no_keyboard(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/plain", viewport=PHONE)
    launch(page)
    assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert page.locator("dialog").evaluate("node => node.matches(':modal')")
    expect(page.get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=LAUNCH)).to_be_focused()


def test_open_chat_and_its_words_survive_a_page_change(open_page: Callable[..., Page]) -> None:
    page = open_page("/plain")
    launch(page)
    ask(page, "fibre")
    page.goto(page.url.replace("/plain", "/tag"))
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".guide").last).to_contain_text("Fibre feeds")


def test_right_to_left_page_turns_it_round(open_page: Callable[..., Page]) -> None:
    page = open_page("/rtl")
    box = page.get_by_role("button", name=LAUNCH).bounding_box()
    assert box and box["x"] < 100


def test_language_is_marked(open_page: Callable[..., Page]) -> None:
    assert open_page("/plain").locator("gut-skin-chat").get_attribute("lang") == "en-AU"


def test_page_hears_what_happens(open_page: Callable[..., Page]) -> None:
    page = open_page("/plain")
    page.evaluate(
        """() => {
          window.heard = [];
          const chat = document.querySelector("gut-skin-chat");
          for (const name of ["open", "close", "message", "reply"])
            chat.addEventListener(name, () => heard.push(name));
        }"""
    )
    launch(page)
    ask(page, "fibre")
    page.keyboard.press("Escape")
    page.wait_for_function("heard.length === 4")
    assert page.evaluate("heard") == ["open", "message", "reply", "close"]


@pytest.mark.parametrize(("motion", "moving"), [("reduce", 0), ("no-preference", 1)])
def test_nothing_moves_for_who_wants_it_still(
    open_page: Callable[..., Page], motion: str, moving: int
) -> None:
    page = open_page("/chat", reduced_motion=motion)
    page.route("**/webhook", lambda _: None)
    page.get_by_label("Your question").fill("fibre")
    page.keyboard.press("Enter")
    expect(page.locator(".typing")).to_have_text("The guide is writing…")
    found = "document.querySelector('gut-skin-chat').shadowRoot.getAnimations().length"
    assert page.evaluate(found) == moving
