"""The chat page in a real browser, against a server whose answers are scripted."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from sanic import Sanic, response
from sanic.request import Request as SanicRequest
from sanic.response import HTTPResponse

from channels import site

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 640}

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


class Server:
    """What the page is to be answered, and what it sent."""

    def __init__(self) -> None:
        self.address = ""
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.failures: list[int] = []
        self.received: list[dict[str, Any]] = []

    def add_routes(self, app: Sanic) -> None:
        site.add_routes(app)

        @app.post("/webhooks/rest/webhook")
        async def webhook(request: SanicRequest) -> HTTPResponse:
            self.received.append(request.json)
            if self.failures:
                return response.json({"error": "no"}, status=self.failures.pop(0))
            return response.json(self.answers.get(request.json["message"], [{"text": "Hello."}]))

    @property
    def messages(self) -> list[str]:
        return [body["message"] for body in self.received]


@pytest.fixture(scope="module")
def server(serve: Callable[[Sanic], str]) -> Server:
    server = Server()
    app = Sanic("test_page", configure_logging=False)
    server.add_routes(app)
    server.address = serve(app)
    return server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        remedy = f"{CHROMIUM} is missing; `apt-get install chromium` brings it"
        if os.environ.get("CI"):
            pytest.fail(remedy)
        pytest.skip(remedy)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Opens the page; at the end: no complaint in the console, no call to another host."""
    server.answers = {
        "fibre": [ANSWER],
        "can't breathe": [EMERGENCY],
        "markup": [MARKUP],
    }
    server.failures.clear()
    server.received.clear()
    contexts, complaints, strangers = [], [], []

    def watch(request: Request) -> None:
        if not request.url.startswith(server.address):
            strangers.append(request.url)

    def open_(before: Callable[[Page], None] | None = None, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", watch)
        if before:
            before(page)
        page.goto(server.address)
        return page

    yield open_
    for context in contexts:
        context.close()
    expected = ("Failed to load resource: the server responded", "Failed to load resource: net::")
    assert [text for text in complaints if not text.startswith(expected)] == []
    assert strangers == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


def answers_of(page: Page) -> Any:
    return page.locator("#log .guide")


def test_notice_privacy_and_emergency_line_stand_before_the_first_message(page: Page) -> None:
    expect(page.get_by_text("Automated guide, not a doctor or nurse.")).to_be_visible()
    expect(page.get_by_text("Privacy:")).to_be_visible()
    expect(page.get_by_role("link", name="000")).to_have_attribute("href", "tel:000")
    expect(page.get_by_role("link", name="111")).to_have_attribute("href", "tel:111")


def test_typed_question_is_sent_with_enter_and_answered(page: Page, server: Server) -> None:
    ask(page, "fibre")
    expect(page.locator(".user")).to_contain_text("fibre")
    expect(answers_of(page).last).to_contain_text("Fibre feeds your gut microbes.")
    expect(answers_of(page).last.locator("li").first).to_have_text("oats")
    expect(page.get_by_label("Your question")).to_be_focused()
    assert server.messages == ["fibre"]
    assert len(server.received[0]["sender"]) == 36


def test_shift_enter_makes_a_new_line(page: Page, server: Server) -> None:
    box = page.get_by_label("Your question")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    page.get_by_role("button", name="Send").click()
    expect(answers_of(page)).to_have_count(2)
    assert server.messages == ["one\ntwo"]


def test_empty_box_sends_nothing(page: Page, server: Server) -> None:
    ask(page, "  ")
    page.get_by_role("button", name="Send").click()
    assert page.locator(".user").count() == 0
    assert server.received == []


def test_counter_shows_near_the_end_and_the_box_stops_at_1000(page: Page) -> None:
    box = page.get_by_label("Your question")
    box.fill("a" * 700)
    expect(page.locator("#counter")).to_be_empty()
    box.fill("a" * 990)
    expect(page.locator("#counter")).to_have_text("10 characters left")
    box.press_sequentially("b" * 20)
    expect(page.locator("#counter")).to_have_text("0 characters left")
    assert len(box.input_value()) == 1000


def test_answer_shows_how_sure_its_sources_and_its_review(page: Page) -> None:
    ask(page, "fibre")
    answer = answers_of(page).last
    expect(answer.locator(".badge")).to_contain_text("A link, not proof")
    expect(answer.get_by_text("Awaiting clinical review")).to_be_visible()
    answer.get_by_text("Sources (2)").click()
    link = answer.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://example.org/f")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")


def test_button_shows_its_title_sends_its_payload_and_goes(page: Page, server: Server) -> None:
    ask(page, "fibre")
    page.get_by_role("button", name="Tell me more").click()
    expect(page.locator(".user").last).to_contain_text("Tell me more")
    expect(answers_of(page).last).to_contain_text("Hello.")
    expect(page.get_by_role("button", name="Tell me more")).to_have_count(0)
    assert server.messages == ["fibre", "/more_detail"]
    assert server.received[0]["sender"] == server.received[1]["sender"]


def test_safety_reply_stands_out_and_its_numbers_call(page: Page) -> None:
    ask(page, "can't breathe")
    reply = page.locator(".safety")
    expect(reply).to_have_attribute("data-level", "E")
    expect(reply.get_by_text("Please read this first")).to_be_visible()
    numbers = [link.get_attribute("href") for link in reply.get_by_role("link").all()]
    assert numbers == ["tel:000", "tel:111", "tel:0800764766"]
    expect(reply).to_contain_text("Poisons Centre (New Zealand): Call 0800 764 766")
    assert reply.evaluate("node => getComputedStyle(node).borderTopWidth") == "2px"


def test_text_never_becomes_markup(page: Page) -> None:
    ask(page, "markup")
    expect(answers_of(page).last).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b>")
    assert answers_of(page).last.locator("img, b, a").count() == 0


def test_passing_fault_is_retried_unseen(page: Page, server: Server) -> None:
    server.failures = [503]
    ask(page, "fibre")
    expect(answers_of(page).last).to_contain_text("Fibre feeds")
    expect(page.get_by_role("alert")).to_be_empty()
    assert server.messages == ["fibre"] * 2


def test_lasting_fault_is_told_and_trying_again_sends_the_same(page: Page, server: Server) -> None:
    server.failures = [503] * 3
    ask(page, "fibre")
    expect(page.get_by_role("status").first).to_have_text("The guide is writing…")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("did not reach the guide", timeout=10_000)
    expect(page.locator(".user")).to_contain_text("Not sent")
    expect(page.get_by_role("status").first).to_be_empty()
    alert.get_by_role("button", name="Try again").click()
    expect(answers_of(page).last).to_contain_text("Fibre feeds")
    expect(alert).to_be_empty()
    expect(page.locator(".user")).not_to_contain_text("Not sent")
    assert server.messages == ["fibre"] * 4
    assert page.locator(".user").count() == 1


def test_refusal_is_told_at_once(page: Page, server: Server) -> None:
    server.failures = [400]
    ask(page, "fibre")
    expect(page.get_by_role("alert")).to_contain_text("did not reach")
    assert len(server.received) == 1


def test_broken_connection_is_told(page: Page, server: Server) -> None:
    page.route("**/webhook", lambda route: route.abort())
    ask(page, "fibre")
    expect(page.get_by_role("alert")).to_contain_text("did not reach", timeout=10_000)
    page.unroute("**/webhook")
    page.get_by_role("button", name="Try again").click()
    expect(answers_of(page).last).to_contain_text("Fibre feeds")


def test_silent_server_is_given_up_after_15_seconds(open_page: Callable[..., Page]) -> None:
    def hang(page: Page) -> None:
        page.clock.install()
        page.route("**/webhook", lambda _: None)

    page = open_page(hang)
    ask(page, "fibre")
    page.clock.run_for(14_000)
    expect(page.get_by_role("alert")).to_be_empty()
    page.clock.run_for(1_500)
    expect(page.get_by_role("alert")).to_contain_text("did not reach")


def test_start_again_is_a_new_conversation(page: Page, server: Server) -> None:
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".user")).to_have_count(0)
    expect(page.get_by_label("Your question")).to_be_focused()
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    assert server.received[0]["sender"] != server.received[1]["sender"]


def test_conversation_goes_on_after_a_reload(page: Page, server: Server) -> None:
    ask(page, "one")
    expect(answers_of(page)).to_have_count(2)
    page.reload()
    ask(page, "two")
    expect(answers_of(page)).to_have_count(2)
    assert server.received[0]["sender"] == server.received[1]["sender"]


def test_blocked_storage_does_no_harm(open_page: Callable[..., Page], server: Server) -> None:
    block = "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('no') }})"
    page = open_page(lambda page: page.add_init_script(block))
    for text in ("one", "two"):
        ask(page, text)
        expect(page.get_by_role("status").first).to_be_empty()
    expect(answers_of(page)).to_have_count(3)
    assert server.received[0]["sender"] == server.received[1]["sender"]


def test_everything_works_by_keyboard(page: Page, server: Server) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("fibre")
    page.keyboard.press("Enter")
    expect(answers_of(page)).to_have_count(2)
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Fermented foods")).to_be_focused()
    page.keyboard.press("Enter")
    expect(answers_of(page)).to_have_count(3)
    expect(page.locator(".user").last).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your question")).to_be_focused()
    assert server.messages == ["fibre", "/ask_fermented_foods"]


def test_screen_reader_regions_are_there(page: Page) -> None:
    expect(page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Skin Guide")
    ask(page, "fibre")
    expect(page.get_by_role("group", name="Suggested replies")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(320, 568), (320, 256), (360, 640), (1280, 800)])
def test_nothing_is_cut_off(open_page: Callable[..., Page], width: int, height: int) -> None:
    page = open_page(viewport={"width": width, "height": height})
    for text in ("fibre", "can't breathe", "a" * 300):
        ask(page, text)
        expect(page.get_by_role("status").first).to_be_empty()
    page.get_by_text("Sources (2)").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_large_enough_for_a_thumb(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE)
    ask(page, "can't breathe")
    ask(page, "fibre")
    expect(page.get_by_text("Sources (2)")).to_be_visible()
    page.get_by_text("Sources (2)").click()
    targets = page.locator("button:visible, summary:visible, a:visible:not(.skip), textarea").all()
    boxes = [(target.inner_text(), target.bounding_box()) for target in targets]
    small = [(text, box) for text, box in boxes if not box or min(box["width"], box["height"]) < 44]
    assert len(boxes) > 10 and small == []


def test_answer_is_read_from_its_first_line(open_page: Callable[..., Page], server: Server) -> None:
    server.answers["long"] = [{"text": "First line.\n\n" + "\n\n".join(["More."] * 40)}]
    page = open_page(viewport=PHONE, reduced_motion="reduce")
    ask(page, "long")
    first = page.get_by_text("First line.")
    expect(first).to_be_in_viewport()
    header = page.locator("header").bounding_box()
    box = first.bounding_box()
    assert header and box and box["y"] >= header["y"] + header["height"]


def test_emergency_numbers_stay_in_view(open_page: Callable[..., Page], server: Server) -> None:
    page = open_page(viewport=PHONE)
    for _ in range(3):
        ask(page, "fibre")
        expect(page.get_by_role("status").first).to_be_empty()
    expect(page.locator("header").get_by_role("link", name="000")).to_be_in_viewport()


def test_nothing_moves_for_who_wants_it_still(open_page: Callable[..., Page]) -> None:
    page = open_page(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


def test_safety_reply_keeps_its_border_in_forced_colours(open_page: Callable[..., Page]) -> None:
    page = open_page(forced_colors="active")
    ask(page, "can't breathe")
    style = page.locator(".safety").evaluate("node => getComputedStyle(node).borderTopStyle")
    assert style == "solid"


def test_without_javascript_the_emergency_line_stands(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    expect(page.get_by_role("link", name="000")).to_be_visible()
    expect(page.get_by_text("It needs JavaScript")).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
