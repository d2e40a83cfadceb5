"""The chat itself: what is said, shown, kept and deleted, on the page that holds nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

PHONE = {"width": 360, "height": 640}


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


def menu(page: Page, name: str) -> None:
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name=name).click()


def answers_of(page: Page) -> Any:
    return page.locator(".log .guide")


def test_notice_privacy_and_emergency_line_stand_before_the_first_message(page: Page) -> None:
    expect(page.get_by_role("heading", name="not a doctor")).to_be_visible()
    expect(page.get_by_text("Privacy:")).to_be_visible()
    expect(page.locator(".emergency").get_by_role("link", name="000")).to_have_attribute(
        "href", "tel:000"
    )
    expect(page.locator(".emergency").get_by_role("link", name="111")).to_have_attribute(
        "href", "tel:111"
    )


def test_typed_question_is_sent_with_enter_and_answered(page: Page, server: Any) -> None:
    ask(page, "fibre")
    expect(page.locator(".user")).to_contain_text("fibre")
    expect(answers_of(page).last).to_contain_text("Fibre feeds your gut microbes.")
    expect(answers_of(page).last.locator("li").first).to_have_text("oats")
    expect(page.get_by_label("Your question")).to_be_focused()
    assert server.messages == ["fibre"]
    assert len(server.received[0]["sender"]) == 36


def test_shift_enter_makes_a_new_line(page: Page, server: Any) -> None:
    box = page.get_by_label("Your question")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    page.get_by_role("button", name="Send").click()
    expect(answers_of(page)).to_have_count(2)
    assert server.messages == ["one\ntwo"]


def test_empty_box_sends_nothing(page: Page, server: Any) -> None:
    ask(page, "  ")
    page.get_by_role("button", name="Send").click()
    assert page.locator(".user").count() == 0
    assert server.received == []


def test_counter_shows_near_the_end_and_the_box_stops_at_1000(page: Page) -> None:
    box = page.get_by_label("Your question")
    box.fill("a" * 700)
    expect(page.locator(".counter")).to_be_empty()
    box.fill("a" * 990)
    expect(page.locator(".counter")).to_have_text("10 characters left")
    box.press_sequentially("b" * 20)
    expect(page.locator(".counter")).to_have_text("0 characters left")
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


def test_button_shows_its_title_sends_its_payload_and_goes(page: Page, server: Any) -> None:
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


def test_emergency_numbers_call_wherever_the_guide_names_them(page: Page, server: Any) -> None:
    server.answers["step"] = [{"text": "Call 000 or 111 now. It costs 1 000 dollars, or 0001."}]
    ask(page, "step")
    links = answers_of(page).last.get_by_role("link")
    expect(links).to_have_count(2)
    assert [link.get_attribute("href") for link in links.all()] == ["tel:000", "tel:111"]


def test_text_never_becomes_markup(page: Page) -> None:
    ask(page, "markup")
    expect(answers_of(page).last).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b>")
    assert answers_of(page).last.locator("img, b, a").count() == 0


def test_passing_fault_is_retried_unseen(page: Page, server: Any) -> None:
    server.failures = [503]
    ask(page, "fibre")
    expect(answers_of(page).last).to_contain_text("Fibre feeds")
    expect(page.get_by_role("alert")).to_be_empty()
    assert server.messages == ["fibre"] * 2


def test_lasting_fault_is_told_and_trying_again_sends_the_same(page: Page, server: Any) -> None:
    server.failures = [503] * 3
    ask(page, "fibre")
    expect(page.locator(".typing")).to_have_text("The guide is writing…")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("did not reach the guide", timeout=10_000)
    expect(page.locator(".user")).to_contain_text("Not sent")
    expect(page.locator(".typing")).to_be_empty()
    alert.get_by_role("button", name="Try again").click()
    expect(answers_of(page).last).to_contain_text("Fibre feeds")
    expect(alert).to_be_empty()
    expect(page.locator(".user")).not_to_contain_text("Not sent")
    assert server.messages == ["fibre"] * 4
    assert page.locator(".user").count() == 1


def test_refusal_is_told_at_once(page: Page, server: Any) -> None:
    server.failures = [400]
    ask(page, "fibre")
    expect(page.get_by_role("alert")).to_contain_text("did not reach")
    assert len(server.received) == 1


def test_broken_connection_is_told(page: Page, server: Any) -> None:
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

    page = open_page(before=hang)
    ask(page, "fibre")
    page.clock.run_for(14_000)
    expect(page.get_by_role("alert")).to_be_empty()
    page.clock.run_for(1_500)
    expect(page.get_by_role("alert")).to_contain_text("did not reach")


def test_start_again_is_a_new_conversation(page: Page, server: Any) -> None:
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    menu(page, "Start again")
    expect(page.locator(".user")).to_have_count(0)
    expect(page.get_by_label("Your question")).to_be_focused()
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    assert server.received[0]["sender"] != server.received[1]["sender"]


def test_blocked_storage_does_no_harm(open_page: Callable[..., Page], server: Any) -> None:
    block = "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('no') }})"
    page = open_page(before=lambda page: page.add_init_script(block))
    for text in ("one", "two"):
        ask(page, text)
        expect(page.locator(".typing")).to_be_empty()
    expect(answers_of(page)).to_have_count(3)
    assert server.received[0]["sender"] == server.received[1]["sender"]


def test_screen_reader_regions_are_there(page: Page) -> None:
    expect(page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("heading", level=2)).to_contain_text("Skin Guide")
    ask(page, "fibre")
    expect(page.get_by_role("group", name="Suggested replies")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(320, 568), (320, 256), (360, 640), (1280, 800)])
def test_nothing_is_cut_off(open_page: Callable[..., Page], width: int, height: int) -> None:
    page = open_page(viewport={"width": width, "height": height})
    for text in ("fibre", "can't breathe", "a" * 300):
        ask(page, text)
        expect(page.locator(".typing")).to_be_empty()
    page.get_by_text("Sources (2)").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_large_enough_for_a_thumb(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE)
    ask(page, "can't breathe")
    expect(page.locator(".safety")).to_be_visible()
    ask(page, "fibre")
    expect(page.get_by_text("Sources (2)")).to_be_visible()
    page.get_by_text("Sources (2)").click()
    targets = page.locator("button:visible, summary:visible, a:visible:not(.skip), textarea").all()
    boxes = [(target.inner_text(), target.bounding_box()) for target in targets]
    small = [(text, box) for text, box in boxes if not box or min(box["width"], box["height"]) < 44]
    assert len(boxes) > 10 and small == []


def test_emergency_numbers_stay_in_view(open_page: Callable[..., Page], server: Any) -> None:
    page = open_page(viewport=PHONE)
    for _ in range(3):
        ask(page, "fibre")
        expect(page.locator(".typing")).to_be_empty()
    expect(page.locator(".emergency").get_by_role("link", name="000")).to_be_in_viewport()


def test_open_menu_leaves_the_emergency_numbers_free(open_page: Callable[..., Page]) -> None:
    for size in ({"width": 360, "height": 640}, {"width": 320, "height": 400}):
        page = open_page("/chat", viewport=size)
        page.get_by_text("More", exact=True).click()
        for number in ("000", "111"):
            page.locator(".emergency").get_by_role("link", name=number).click(trial=True)


def test_opened_sources_come_into_view(open_page: Callable[..., Page]) -> None:
    page = open_page("/chat", viewport={"width": 360, "height": 520})
    ask(page, "fibre")
    # As when the line to tap stands at the lower edge.
    page.get_by_text("Sources (2)").evaluate("node => node.scrollIntoView({ block: 'end' })")
    page.get_by_text("Sources (2)").click()
    page.wait_for_timeout(200)
    bottom = "node => node.getBoundingClientRect().bottom"
    assert page.locator(".sources").evaluate(bottom) <= page.locator(".scroll").evaluate(bottom)


def test_safety_reply_keeps_its_border_in_forced_colours(open_page: Callable[..., Page]) -> None:
    page = open_page(forced_colors="active")
    ask(page, "can't breathe")
    style = page.locator(".safety").evaluate("node => getComputedStyle(node).borderTopStyle")
    assert style == "solid"


def test_conversation_is_still_there_after_a_reload(page: Page, server: Any) -> None:
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    page.reload()
    expect(answers_of(page)).to_have_count(2)
    expect(page.get_by_role("button", name="Tell me more")).to_be_visible()
    ask(page, "two")
    expect(answers_of(page)).to_have_count(3)
    assert server.received[0]["sender"] == server.received[1]["sender"]


def test_two_tabs_are_two_conversations(page: Page, server: Any) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (page, other):
        ask(tab, "fibre")
        expect(answers_of(tab)).to_have_count(2)
    assert server.received[0]["sender"] != server.received[1]["sender"]


def test_going_away_and_back_keeps_the_conversation(page: Page, server: Any) -> None:
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    page.goto(server.address + "/")
    page.go_back()
    expect(answers_of(page)).to_have_count(2)


def test_after_half_an_hour_it_is_a_new_conversation(
    open_page: Callable[..., Page], server: Any
) -> None:
    page = open_page(before=lambda page: page.clock.install())
    ask(page, "one")
    expect(answers_of(page)).to_have_count(2)
    page.clock.run_for(31 * 60_000)
    ask(page, "two")
    expect(answers_of(page)).to_have_count(3)
    assert server.received[0]["sender"] != server.received[1]["sender"]


def test_clock_set_back_by_a_day_forgets_the_conversation(
    open_page: Callable[..., Page], server: Any
) -> None:
    page = open_page()
    ask(page, "one")
    expect(answers_of(page)).to_have_count(2)
    page.evaluate("Date.now = () => new Date('2001-01-01').getTime()")
    ask(page, "two")
    expect(answers_of(page)).to_have_count(3)
    assert server.received[0]["sender"] != server.received[1]["sender"]


@pytest.mark.parametrize(
    "rubbish", ["{", "null", "[]", '{"at": "x"}', '{"at": 1e15, "entries": 3}']
)
def test_rubbish_in_storage_is_a_new_conversation(
    open_page: Callable[..., Page], rubbish: str
) -> None:
    script = f"sessionStorage.setItem('gut-skin-chat', {rubbish!r})"
    page = open_page(before=lambda page: page.add_init_script(script))
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)


def test_retries_carry_the_same_message_id_and_new_messages_a_new_one(
    page: Page, server: Any
) -> None:
    server.failures = [503, 502]
    ask(page, "one")
    expect(answers_of(page)).to_have_count(2, timeout=10_000)
    ask(page, "two")
    expect(answers_of(page)).to_have_count(3)
    ids = [body["message_id"] for body in server.received]
    assert len(ids) == 4 and ids[0] == ids[1] == ids[2] != ids[3]


def test_empty_answer_becomes_words_with_the_emergency_numbers(page: Page, server: Any) -> None:
    server.answers["nothing"] = []
    ask(page, "nothing")
    answer = answers_of(page).last
    expect(answer).to_contain_text("went wrong")
    expect(answer.get_by_role("link", name="000")).to_have_attribute("href", "tel:000")


def test_too_many_messages_is_told(page: Page, server: Any) -> None:
    server.failures = [429]
    ask(page, "fibre")
    expect(page.get_by_role("alert")).to_contain_text("Please wait a moment")
    page.get_by_role("button", name="Try again").click()
    expect(answers_of(page).last).to_contain_text("Fibre feeds")


def test_offline_message_is_sent_when_the_connection_is_back(page: Page, server: Any) -> None:
    page.context.set_offline(True)
    ask(page, "fibre")
    expect(page.get_by_role("alert")).to_contain_text("You seem to be offline")
    page.context.set_offline(False)
    expect(answers_of(page).last).to_contain_text("Fibre feeds", timeout=10_000)
    assert server.messages == ["fibre"]


def test_slow_answer_is_waited_for(open_page: Callable[..., Page], server: Any) -> None:
    waiting: list[Any] = []

    def hold(page: Page) -> None:
        page.clock.install()
        page.route("**/webhook", lambda route: waiting.append(route))

    page = open_page(before=hold)
    ask(page, "fibre")
    page.clock.run_for(10_000)
    expect(page.locator(".typing")).to_have_text("The guide is writing…")
    waiting[0].continue_()
    expect(answers_of(page).last).to_contain_text("Fibre feeds")


def test_long_answer_is_read_from_its_first_line(
    open_page: Callable[..., Page], server: Any
) -> None:
    server.answers["long"] = [{"text": "First line.\n\n" + "\n\n".join(["More words."] * 340)}]
    page = open_page(viewport=PHONE)
    ask(page, "long")
    first = page.get_by_text("First line.")
    expect(first).to_be_in_viewport()
    frame, box = page.locator(".scroll").bounding_box(), first.bounding_box()
    assert frame and box and frame["y"] <= box["y"] < frame["y"] + 60


def test_two_hundred_messages_stay_usable(page: Page, server: Any) -> None:
    page.evaluate(
        """async () => {
          const root = document.querySelector("gut-skin-chat").shadowRoot;
          const box = root.querySelector("textarea");
          for (let n = 1; n <= 200; n += 1) {
            box.value = `question ${n}`;
            root.querySelector("form").requestSubmit();
            while (root.querySelector(".typing").textContent)
              await new Promise((resolve) => setTimeout(resolve, 2));
          }
        }"""
    )
    expect(page.locator(".user")).to_have_count(200)
    assert len(server.received) == 200
    page.reload()
    expect(page.locator(".user").last).to_contain_text("question 200")
    ask(page, "fibre")
    expect(answers_of(page).last).to_contain_text("Fibre feeds")


def test_delete_removes_it_here_and_on_the_server(page: Page, server: Any) -> None:
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    menu(page, "Delete this conversation")
    expect(page.locator(".user")).to_have_count(0)
    expect(page.get_by_text("Your conversation has been deleted.")).to_be_attached()
    assert server.deleted == [server.received[0]["sender"]]
    assert page.evaluate("sessionStorage.length") == 0


def test_failed_deletion_is_told_and_keeps_the_conversation(page: Page, server: Any) -> None:
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    server.failures = [503]
    menu(page, "Delete this conversation")
    expect(page.get_by_role("alert")).to_contain_text("could not be deleted")
    expect(page.locator(".user")).to_have_count(1)
    assert server.deleted == []


def test_copy_for_the_gp_holds_both_sides_and_sends_nothing(
    open_page: Callable[..., Page], server: Any
) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    menu(page, "Copy for my GP")
    expect(page.get_by_text("Copied.")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "You: fibre" in copied and "Guide: Fibre feeds your gut microbes." in copied
    assert "https://example.org/f" in copied and "not a doctor" in copied
    assert len(server.received) == 1


def test_print_for_the_gp_opens_a_page_of_plain_text(page: Page) -> None:
    page.context.add_init_script(
        "window.print = () => { document.documentElement.dataset.printed = 1 }"
    )
    ask(page, "markup")
    expect(answers_of(page)).to_have_count(2)
    with page.expect_popup() as opened:
        menu(page, "Print for my GP")
    record = opened.value
    expect(record.locator("body")).to_contain_text("<b>bold</b>")
    assert record.locator("b, img").count() == 0


def test_thumb_is_sent_and_thanked_without_a_bubble(page: Page, server: Any) -> None:
    ask(page, "fibre")
    page.get_by_role("button", name="Not helpful").click()
    expect(page.locator(".thanks")).to_have_text("Thank you for telling us.")
    expect(page.locator(".user")).to_have_count(1)
    page.wait_for_timeout(100)
    assert server.messages == ["fibre", "/feedback_bad"]


def test_emergency_has_no_thumbs(page: Page) -> None:
    ask(page, "can't breathe")
    expect(page.locator(".safety")).to_be_visible()
    assert page.locator(".thumbs").count() == 0


def test_everything_works_by_keyboard(page: Page, server: Any) -> None:
    page.get_by_label("Your question").focus()
    page.keyboard.type("fibre")
    page.keyboard.press("Enter")
    expect(answers_of(page)).to_have_count(2)
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Fermented foods")).to_be_focused()
    page.keyboard.press("Enter")
    expect(answers_of(page)).to_have_count(3)
    expect(page.locator(".user").last).to_be_focused()
    assert server.messages == ["fibre", "/ask_fermented_foods"]


def test_each_answer_is_announced_once(page: Page) -> None:
    """A screen reader reads what is added to the log: each answer must be added one time."""
    page.evaluate(
        """() => {
          const { shadowRoot } = document.querySelector("gut-skin-chat");
          const log = shadowRoot.querySelector("[role=log]");
          window.added = [];
          new MutationObserver((changes) => changes.forEach((change) =>
            change.addedNodes.forEach((node) => window.added.push(node.className)))
          ).observe(log, { childList: true });
        }"""
    )
    ask(page, "fibre")
    expect(answers_of(page)).to_have_count(2)
    assert page.evaluate("added") == ["message user", "message guide", "replies"]


def test_without_javascript_the_emergency_line_stands(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    expect(page.get_by_role("link", name="000")).to_be_visible()
    expect(page.get_by_text("It needs JavaScript")).to_be_visible()


def test_while_the_guide_is_away_its_answers_can_be_read_as_pages(page: Page, server: Any) -> None:
    page.route("**/webhook", lambda route: route.fulfill(status=400, body="{}"))
    ask(page, "fibre")
    link = page.get_by_role("link", name="Read the answers as pages")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == f"{server.address}/faq"
