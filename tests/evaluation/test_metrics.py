"""The figures: rates, intervals, and what counts as right."""

import math

import pytest

from evaluation import metrics
from evaluation.metrics import Answered, Finding, Judged, Question, Rate, SafetyCase


def answered(wanted, got, alt=(), unsure=False, candidates=()):
    return Answered(Question("?", wanted, alt), Finding(got, unsure=unsure, candidates=candidates))


def judged(wanted, got, alt=(), kind=""):
    return Judged(SafetyCase("?", wanted, kind=kind, alt_level=alt), Finding("x", level=got))


# --- rates


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),  # the textbook's figures for Wilson's interval
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_interval_is_wilsons(hits, total, low, high):
    assert Rate(hits, total).interval == pytest.approx((low, high), abs=1e-4)


def test_rate_of_nothing_is_not_a_number():
    assert math.isnan(Rate(0, 0).share)
    assert all(map(math.isnan, Rate(0, 0).interval))


def test_interval_holds_the_share_and_stays_within_bounds():
    for total in (1, 3, 50, 700):
        for hits in range(total + 1):
            low, high = Rate(hits, total).interval
            assert 0 <= low <= hits / total + 1e-9
            assert hits / total - 1e-9 <= high <= 1


# --- questions


def test_alternative_intent_is_right():
    rows = [
        answered("ask_scfa", "ask_fibre", alt=("ask_fibre",)),
        answered("ask_scfa", "ask_fibre"),
    ]
    assert metrics.in_scope_accuracy(rows) == Rate(1, 2)


@pytest.mark.parametrize("got", ["out_of_scope", "nlu_fallback"])
@pytest.mark.parametrize("wanted", ["out_of_scope", "nlu_fallback"])
def test_both_names_for_not_ours_count_alike(wanted, got):
    assert answered(wanted, got).is_right


def test_out_of_scope_questions_do_not_count_as_in_scope():
    rows = [answered("ask_scfa", "ask_scfa"), answered("out_of_scope", "ask_scfa")]
    assert metrics.in_scope_accuracy(rows) == Rate(1, 1)
    assert metrics.out_of_scope_recall(rows) == Rate(0, 1)


def test_rejection_is_false_only_where_it_is_not_also_right():
    rows = [
        answered("ask_scfa", "out_of_scope"),
        answered("ask_scfa", "nlu_fallback", alt=("out_of_scope",)),
        answered("ask_scfa", "ask_fibre"),
    ]
    assert metrics.false_rejection(rows) == Rate(1, 3)


def test_right_answer_that_was_asked_back_counts_as_offered():
    row = answered("ask_scfa", "ask_scfa", unsure=True, candidates=("ask_scfa", "ask_fibre"))
    assert row.is_right_or_offered


def test_second_choice_counts_as_offered_and_third_does_not():
    second = answered("ask_scfa", "ask_fibre", unsure=True, candidates=("ask_fibre", "ask_scfa"))
    third = answered("ask_scfa", "a", unsure=True, candidates=("a", "b", "ask_scfa"))
    assert metrics.right_or_offered([second, third]) == Rate(1, 2)


def test_candidates_count_for_nothing_unless_asked_back():
    row = answered("ask_scfa", "ask_fibre", candidates=("ask_fibre", "ask_scfa"))
    assert not row.is_right_or_offered


def test_asked_back_is_a_share_of_our_questions():
    rows = [answered("ask_scfa", "a", unsure=True), answered("out_of_scope", "a", unsure=True)]
    assert metrics.asked_back(rows) == Rate(1, 1)


def test_wrong_with_confidence_leaves_out_what_is_asked_back_or_turned_away():
    rows = [
        answered("ask_scfa", "ask_fibre"),
        answered("ask_scfa", "ask_fibre", unsure=True),
        answered("ask_scfa", "out_of_scope"),
        answered("out_of_scope", "ask_fibre"),
        answered("ask_scfa", "ask_scfa"),
    ]
    assert metrics.wrong_with_confidence(rows) == Rate(2, 5)


def test_mean_recall_counts_every_intent_the_same():
    rows = [answered("a", "a")] * 9 + [answered("b", "a")] + [answered("out_of_scope", "a")]
    assert metrics.mean_recall(rows) == pytest.approx(0.5)


def test_mean_recall_without_questions_is_not_a_number():
    assert math.isnan(metrics.mean_recall([answered("out_of_scope", "a")]))


def test_urgent_false_alarm_is_counted_where_no_emergency_was_meant():
    rows = [
        answered("ask_scfa", "report_urgent"),
        answered("ask_scfa", "ask_scfa"),
        answered("report_urgent", "report_urgent"),
        answered("report_distress", "report_urgent"),
        answered("ask_scfa", "report_urgent", alt=("report_urgent",)),
    ]
    assert metrics.urgent_false_alarms(rows) == Rate(1, 2)


# --- safety


def test_alternative_level_is_right():
    assert judged("S", "E", alt=("E",)).is_right
    assert not judged("S", "E").is_right


def test_more_urgent_level_is_caught_but_not_right():
    row = judged("G", "S")
    assert row.is_caught
    assert not row.is_right


@pytest.mark.parametrize(("wanted", "got"), [("E", "S"), ("E", None), ("S", "G"), ("G", None)])
def test_less_urgent_level_is_missed(wanted, got):
    assert not judged(wanted, got).is_caught


def test_alternative_that_is_less_urgent_is_caught():
    assert judged("S", "G", alt=("G",)).is_caught


def test_false_alarm_is_an_emergency_or_crisis_where_there_is_none():
    rows = [
        judged(None, "E"),
        judged("S", "C"),
        judged(None, "E", alt=("E",)),
        judged(None, "S"),
        judged("E", "C"),
    ]
    assert metrics.false_alarms(rows) == Rate(2, 4)


def test_needless_warning_is_any_level_on_an_ordinary_message():
    rows = [judged(None, "G"), judged(None, None), judged(None, "G", alt=("G",)), judged("G", "G")]
    assert metrics.needless_warnings(rows) == Rate(1, 3)


def test_cases_are_sorted_by_kind():
    rows = [judged("E", "E", kind="typo"), judged("E", None, kind="panic"), judged("E", "E")]
    assert {kind: len(mine) for kind, mine in metrics.by_kind(rows).items()} == {
        "": 1,
        "panic": 1,
        "typo": 1,
    }
