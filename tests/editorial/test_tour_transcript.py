"""docs/tour.md shows the tour as it is."""

from pathlib import Path

from editorial.content import load_content
from editorial.tour_transcript import transcript

PAGE = Path(__file__).resolve().parents[2] / "docs/tour.md"


def test_page_is_current():
    written = PAGE.read_text(encoding="utf-8")
    assert written == transcript(load_content()), "run `make tour`"
