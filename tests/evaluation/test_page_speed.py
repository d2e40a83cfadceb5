"""The measurement of the widget: what is counted, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation import page_speed
from evaluation.page_speed import CHROMIUM, Widget, measure

TINY = b"""
customElements.define("tiny-chat", class extends HTMLElement {
  async connectedCallback() {
    await fetch("/nowhere");
    this.attachShadow({ mode: "open" }).append(document.createElement("button"));
  }
});
"""


def test_size_requests_and_time_are_those_of_the_element(missing: Callable[[str], None]) -> None:
    if not Path(CHROMIUM).exists():
        missing(f"{CHROMIUM} is missing")
    [speed] = measure([Widget("tiny-chat", TINY)], rounds=1)
    assert 0 < speed.compressed < len(TINY)
    assert speed.requests == 2
    # Page, module and one more request wait for the slow line; nothing can be faster than that.
    assert speed.usable > 3 * page_speed.SLOW_LINE["latency"]


@pytest.mark.parametrize("text", ["deep-chat", "deep-chat=no/such/file.js"])
def test_other_widget_without_a_module_is_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        page_speed.main([text])
    assert "write it as tag=path" in capsys.readouterr().err
