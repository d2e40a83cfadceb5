"""`make bench-widget`: how large the widget is, and how soon a phone on a slow line can use it.

The same empty page carries each widget in turn, in Chromium with the line and the processor slowed
as Lighthouse does it for a phone ("slow 4G", applied in the browser: `mobileSlow4G` in its
core/config/constants.js).
Beside ours any other custom element may be measured: tag=path of its module.
"""

import argparse
import gzip
import statistics
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from channels.widget import module_text
from editorial.content import load_content
from evaluation.cases import PROJECT
from evaluation.report import Table

REPORT = PROJECT / "results" / "widget.md"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
ROUNDS = 7
SLOW_LINE = {
    "offline": False,
    "latency": 150 * 3.75,  # milliseconds a request
    "downloadThroughput": 1.6 * 1024 * 1024 * 0.9 / 8,  # bytes a second
    "uploadThroughput": 750 * 1024 * 0.9 / 8,
}
SLOWER_PROCESSOR = 4
TAG = "gut-skin-chat"
# Usable: the element has been registered and shows something that takes a tap or a word.
USABLE = """
tag => new Promise(done => {
  const look = () => {
    const root = document.querySelector(tag)?.shadowRoot;
    const found = root?.querySelector("button, textarea, [contenteditable]");
    if (found) done(performance.now()); else requestAnimationFrame(look);
  };
  look();
})
"""


class Widget(NamedTuple):
    """A custom element and the module that registers it."""

    tag: str
    module: bytes


class Speed(NamedTuple):
    """What was measured: bytes as sent, requests of the page, and milliseconds until usable."""

    compressed: int
    requests: int
    usable: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write the report; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.page_speed", description=__doc__)
    parser.add_argument("beside", nargs="*", metavar="tag=module.js", type=_other)
    others: list[Widget] = parser.parse_args(arguments).beside
    if not Path(CHROMIUM).exists():
        print(f"{CHROMIUM} is missing; `apt-get install chromium` brings it", file=sys.stderr)
        return 1
    widgets = [Widget(TAG, module_text(load_content()).encode()), *others]
    table = as_table(widgets, measure(widgets))
    print(table.as_text())
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(f"# The widget on a slow phone\n\n{table.as_markdown()}\n", "utf-8")
    return 0


def measure(widgets: Sequence[Widget], rounds: int = ROUNDS) -> list[Speed]:
    """The speed of each, measured in turn so that a busy machine slows all of them."""
    with sync_playwright() as playwright, served(widgets) as address:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        found = [
            [_once(browser, f"{address}/{number}", one.tag) for number, one in enumerate(widgets)]
            for _ in range(rounds)
        ]
        browser.close()
    return [
        Speed(_size(widget.module), times[0][0], statistics.median(time for _, time in times))
        for widget, times in zip(widgets, zip(*found, strict=True), strict=True)
    ]


def as_table(widgets: Sequence[Widget], speeds: Sequence[Speed]) -> Table:
    """A row a widget."""
    rows = [
        (
            widget.tag,
            f"{speed.compressed / 1000:.1f} kB",
            f"{speed.requests}",
            f"{speed.usable:.0f} ms",
        )
        for widget, speed in zip(widgets, speeds, strict=True)
    ]
    return Table("The widget on a slow phone", ("widget", "gzip", "requests", "usable after"), rows)


@contextmanager
def served(widgets: Sequence[Widget]) -> Iterator[str]:
    """Address of a server that has a page /0, /1, … for each widget."""
    files: dict[str, tuple[str, bytes]] = {}
    for number, widget in enumerate(widgets):
        page = (
            '<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,">'
            f"<h1>Our site</h1><{widget.tag}></{widget.tag}>"
            f'<script type="module" src="/{number}.js"></script>'
        )
        files[f"/{number}"] = ("text/html", page.encode())
        files[f"/{number}.js"] = ("text/javascript", widget.module)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, files))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, files: dict[str, tuple[str, bytes]], *arguments: object) -> None:
        self.files = files
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        kind, body = self.files.get(self.path, ("text/plain", b""))
        self.send_response(200 if self.path in self.files else 404)
        compressed = gzip.compress(body, 9)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(compressed))),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(compressed)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


def _once(browser: Browser, url: str, tag: str) -> tuple[int, float]:
    """Requests after the page's own, and milliseconds from the navigation until usable."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(url, wait_until="commit")
    usable = float(page.evaluate(USABLE, tag))
    context.close()
    return len([one for one in asked if not one.startswith("data:")]) - 1, usable


def _size(module: bytes) -> int:
    return len(gzip.compress(module, 9))


def _other(text: str) -> Widget:
    tag, _, path = text.partition("=")
    if not path or not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"{text}: write it as tag=path of a module that is there")
    return Widget(tag, Path(path).read_bytes())


if __name__ == "__main__":
    sys.exit(main())
