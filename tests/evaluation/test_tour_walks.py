"""Ten thousand random walks through the tour, and that a faulty tour is found."""

from dataclasses import replace

import pytest

from channels.incoming import may_be_tapped
from editorial import tour
from editorial.content import load_content
from evaluation.tour_walks import MOVES, WALKS, Fault, walk_all

CONTENT = load_content()


def test_ten_thousand_walks_never_crash_dead_end_or_lose_the_place():
    summary = walk_all(CONTENT)
    assert summary.walks == WALKS == 10_000
    assert sum(summary.moves.values()) == WALKS * MOVES
    assert all(may_be_tapped(payload) for payload in summary.payloads)
    assert all(len(payload.encode()) <= 64 for payload in summary.payloads)
    shown = {"step", "list", "resume", "stopped", "end", "question", "explained", "quiz_done"}
    assert shown <= set(summary.moves)
    assert summary.finished > 100


def test_walks_find_a_place_that_is_lost(monkeypatch):
    def losing(tour_, place, number):
        moved = tour.Move(replace(place, step=1), tour.View("list", place.path))
        return moved

    monkeypatch.setitem(tour._MOVES, "place", losing)
    with pytest.raises(Fault):
        walk_all(CONTENT, walks=300)


def test_walks_find_a_step_that_is_not_there(monkeypatch):
    def beyond(tour_, place):
        return tour._show(tour_, place, place.path, place.step + 1)

    monkeypatch.setattr(tour, "_after", beyond)
    with pytest.raises(Fault):
        walk_all(CONTENT, walks=300)
