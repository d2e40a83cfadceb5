"""Takes every picture of docs/screenshots anew, from the real guide in Chromium.

python tests/widget/screenshots.py [part of a name …]
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from evaluation.model import newest_model
from evaluation.page_speed import CHROMIUM, FLAGS
from evaluation.server import guide

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "docs" / "screenshots"
Act = Callable[[Page], None]

DESKTOP: dict[str, Any] = {"viewport": {"width": 1100, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "has_touch": True}
DARK = {"color_scheme": "dark"}
FORCED = {"forced_colors": "active"}
LEAKY = "does leaky gut cause eczema?"
ALARM = "my son's lips are swelling and he is struggling to breathe"
LONG = "my 2 year old has eczema and we tried everything, does kefir help, and is leaky gut real?"


@dataclass(frozen=True)
class Picture:
    """What is opened, on which screen, and what is done there before the picture is taken."""

    name: str
    path: str = "/"
    screen: dict[str, Any] = field(default_factory=lambda: DESKTOP)
    acts: tuple[Act, ...] = ()
    whole: bool = False


def opened(page: Page) -> None:
    page.get_by_role("button", name="Ask the Gut–Skin Guide").click()


def asked(text: str) -> Act:
    def act(page: Page) -> None:
        page.get_by_label("Your question").fill(text)
        page.keyboard.press("Enter")
        answered(page)

    return act


def tapped(name: str) -> Act:
    def act(page: Page) -> None:
        page.locator(".replies").get_by_role("button", name=name).click()
        answered(page)

    return act


def answered(page: Page) -> None:
    expect(page.locator(".typing")).to_be_empty(timeout=20_000)


def clicked(text: str) -> Act:
    return lambda page: page.get_by_text(text, exact=True).last.click()


def scrolled_down(page: Page) -> None:
    page.locator(".scroll").evaluate("node => node.scrollTop = node.scrollHeight")


def refused(page: Page) -> None:
    page.route("**/webhook", lambda route: route.fulfill(status=400, body="{}"))


def silent(page: Page) -> None:
    page.route("**/webhook", lambda _: None)


def offline(page: Page) -> None:
    page.context.set_offline(True)


def written(text: str) -> Act:
    def act(page: Page) -> None:
        page.get_by_label("Your question").fill(text)
        page.keyboard.press("Enter")
        page.wait_for_timeout(600)

    return act


TOUR = (tapped("tour"), tapped("I have eczema"))
NEXT = ("The gut link", "Leaky gut", "Probiotics", "What helps", "Get help")


def widget_pictures() -> Iterator[Picture]:
    yield Picture("widget-closed")
    yield Picture("widget-open", acts=(opened,))
    yield Picture("widget-answer", acts=(opened, asked(LEAKY)))
    yield Picture("widget-long-answer", acts=(opened, asked(LONG)))
    yield Picture("widget-sources", acts=(opened, asked(LEAKY), clicked("Sources (4)")))
    yield Picture("widget-emergency", acts=(opened, asked(ALARM)))
    yield Picture("widget-typing", acts=(opened, silent, written("what helps?")))
    yield Picture("widget-error", acts=(opened, refused, written("what helps?")))
    yield Picture("widget-menu", acts=(opened, asked(LEAKY), clicked("More")))
    yield Picture("widget-dark", screen=DESKTOP | DARK, acts=(opened, asked(LEAKY)))
    yield Picture("widget-emergency-dark", screen=DESKTOP | DARK, acts=(opened, asked(ALARM)))
    yield Picture("widget-forced-colours", screen=DESKTOP | FORCED, acts=(opened, asked(ALARM)))
    yield Picture("widget-inline", "/chat", acts=(asked(LEAKY),))
    yield Picture("widget-phone", screen=PHONE, acts=(opened, asked("can my kid drink kefir")))
    yield Picture("widget-phone-open", screen=PHONE, acts=(opened,))
    yield Picture("widget-phone-emergency", screen=PHONE, acts=(opened, asked(ALARM)))
    yield Picture("widget-offline", screen=PHONE, acts=(opened, offline, written("what helps?")))
    zoomed = {"viewport": {"width": 550, "height": 400}, "device_scale_factor": 2}
    yield Picture("widget-200-percent", screen=zoomed, acts=(opened, asked(LEAKY)))
    narrow = {"viewport": {"width": 320, "height": 512}}
    yield Picture("widget-narrow", screen=narrow, acts=(opened,))


def tour_pictures() -> Iterator[Picture]:
    yield Picture("tour-paths", "/chat", PHONE, (tapped("tour"),))
    for number in range(1, 7):
        acts = (*TOUR, *map(tapped, NEXT[: number - 1]))
        yield Picture(f"tour-step-{number}", "/chat", PHONE, acts)
    question = (*TOUR, tapped(NEXT[0]), asked("do probiotics work"), scrolled_down)
    yield Picture("tour-question", "/chat", PHONE, question)
    alarm = (*TOUR, tapped(NEXT[0]), asked(ALARM))
    yield Picture("tour-emergency", "/chat", PHONE, alarm)
    stopped = (*TOUR, tapped(NEXT[0]), tapped("Stop"))
    yield Picture("tour-stopped", "/chat", PHONE, stopped)
    finished = (*TOUR, *map(tapped, NEXT), tapped("Finish"))
    yield Picture("tour-end", "/chat", PHONE, finished)
    yield Picture("tour-end-card", "/chat", PHONE, (*finished, scrolled_down))
    yield Picture("tour-quiz", "/chat", PHONE, (*finished, tapped("Quick quiz")))
    yield Picture("tour-desktop", "/", DESKTOP, (opened, *TOUR))


def faq_pictures() -> Iterator[Picture]:
    page = {"viewport": {"width": 900, "height": 900}}
    small = {"viewport": {"width": 360, "height": 740}}
    yield Picture("faq-index", "/faq", page)
    yield Picture("faq-topic", "/faq/probiotics", page)
    yield Picture("faq-dark", "/faq/probiotics", page | DARK)
    yield Picture("faq-forced-colours", "/faq/probiotics", page | FORCED)
    yield Picture("faq-phone", "/faq/probiotics", small)
    yield Picture("faq-numbers", "/faq/phone-numbers", small)
    yield Picture("faq-narrow", "/faq", {"viewport": {"width": 320, "height": 640}})
    printed = {"viewport": {"width": 580, "height": 820}}
    yield Picture("faq-print", "/faq/probiotics", printed, (on_paper,))
    yield Picture("faq-tour", "/faq/tour", PHONE, whole=True)
    yield Picture("faq-tour-me-2", "/faq/tour-me-2", PHONE, whole=True)
    yield Picture("faq-tour-me-end", "/faq/tour-me-end", PHONE, whole=True)


def on_paper(page: Page) -> None:
    page.emulate_media(media="print")


def main(parts: list[str]) -> int:
    pictures = [*widget_pictures(), *tour_pictures(), *faq_pictures()]
    wanted = [one for one in pictures if not parts or any(part in one.name for part in parts)]
    with sync_playwright() as playwright, guide(newest_model(PROJECT / "models")) as server:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for picture in wanted:
            take(browser, server.url, picture)
            print(picture.name, flush=True)
        browser.close()
    return 0


def take(browser: Browser, address: str, picture: Picture) -> None:
    context = browser.new_context(reduced_motion="reduce", **picture.screen)
    page = context.new_page()
    page.goto(address + picture.path)
    for act in picture.acts:
        act(page)
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{picture.name}.png", full_page=picture.whole)
    context.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
