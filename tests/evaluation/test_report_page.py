"""The report as a page."""

import re

import pytest

from editorial.content import load_content
from evaluation.follow_ups import Dialogue, Played
from evaluation.metrics import Answered, Finding, Judged, Question, SafetyCase
from evaluation.page import is_met, page, targets
from evaluation.plots import _above

SCORES = {"foreign": 0.2, "foreign_threshold": 0.5, "urgent": 0.1}
RIGHT = Answered(Question("what is scfa", "ask_scfa"), Finding("ask_scfa", 0.9, scores=SCORES))
WRONG = Answered(Question("<script>alert(1)</script>", "ask_fibre"), Finding("ask_scfa", 0.9))
FOREIGN = Answered(Question("who won", "out_of_scope"), Finding("out_of_scope", scores=SCORES))
CAUGHT = Judged(
    SafetyCase("lips are fat", "E", "RF1", "panic"), Finding("report_urgent", level="E")
)
PLAYED = Played(Dialogue("why", ()), None)


@pytest.fixture(scope="module")
def html():
    rows = [RIGHT, WRONG, FOREIGN]
    return page("model.tar.gz", rows, [CAUGHT], [PLAYED], load_content(), 0.25)


def test_page_loads_nothing_and_runs_nothing(html):
    assert "<script" not in html
    assert not re.search(r'(?:src|href)="(?!#|data:)', html)
    assert "url(http" not in html


def test_a_question_cannot_become_markup(html):
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_every_drawing_has_a_name_and_a_finding(html):
    drawings = html.count("<svg ")
    assert drawings >= 6
    assert len(re.findall(r'<svg aria-label="[^"]+" role="img"', html)) == drawings
    assert html.count("<figcaption>") == drawings


def test_ids_are_unique_across_drawings(html):
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_every_target_that_was_measured_is_shown(html):
    for name, *_ in targets([RIGHT, WRONG, FOREIGN], [CAUGHT], [PLAYED]):
        assert name in html


def test_stock_rasa_stands_beside_the_guide_only_when_it_was_asked(html):
    rows = [RIGHT, WRONG, FOREIGN]
    beside = page("model", rows, [CAUGHT], [PLAYED], load_content(), 0.25, [WRONG] * 3)
    assert "stock Rasa" in beside
    assert "stock Rasa" not in html


def test_missed_target_is_said_to_be_missed():
    accuracy = targets([RIGHT, WRONG], [], [])[0]
    assert accuracy[1].share == 0.5
    assert not is_met(accuracy)


def test_nothing_measured_is_still_a_page():
    assert "<main>" in page("model", [RIGHT], [], [], load_content(), 0.25)


@pytest.mark.parametrize(("threshold", "percent"), [(0.0, 100.0), (0.5, 50.0), (0.9, 0.0)])
def test_curve_counts_what_lies_above_its_threshold(threshold, percent):
    assert _above([0.3, 0.8], threshold) == percent
