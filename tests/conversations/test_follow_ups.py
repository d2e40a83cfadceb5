"""Follow-up dialogues, written as data: evaluation/follow_ups.yml."""

from pathlib import Path

from evaluation.follow_ups import play_all
from evaluation.model import newest_model

PROJECT = Path(__file__).parents[2]
TARGET = 0.95


def test_follow_ups_are_resolved_against_the_last_topic():
    results = play_all(newest_model(PROJECT / "models"))
    faults = [f"{each.dialogue.name}: {each.fault}" for each in results if not each.is_right]
    assert len(results) >= 60
    assert len(faults) <= (1 - TARGET) * len(results), "\n".join(faults)
