"""Percentiles, targets and the table; the measuring itself is `make bench`."""

from dataclasses import replace

import pytest

from evaluation.bench import plots
from evaluation.bench.client import Answers, Grown
from evaluation.bench.figures import USERS, Measured, percentile, table_of
from evaluation.stock_project import Training


def measured(name, seconds, rate, late, start=5.0, memory=300.0):
    count = 100
    loads = {users: Answers([seconds] * count, 0, count / rate) for users in USERS}
    grown = [Grown(14, seconds), Grown(50, seconds), Grown(500, late)]
    return Measured(name, 900, Training(28, 40, 0.1), start, loads, grown, memory, 12.5)


OURS = measured("guide", 0.01, 100, 0.011)
STOCK = measured("stock Rasa", 0.04, 16, 0.5, start=80.0, memory=1100.0)


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (95, 10), (100, 10), (1, 1)])
def test_percentile_is_a_value_that_was_measured(percent, value):
    assert percentile(list(range(1, 11)), percent) == value


def test_table_beside_stock_rasa_has_ratios_and_verdicts():
    table = table_of(OURS, STOCK)
    rows = {row[0]: row for row in table.rows}
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert rows["message, 1 user, p50"][1:] == (
        "10.0 ms",
        "40.0 ms",
        "0.25",
        "≤ 0.5 × stock",
        "met",
    )
    assert rows["throughput, 8 users"][3:] == ("6.25", "≥ 5 × stock", "met")
    assert rows["start to first answer"][3:] == ("0.06", "≤ 0.17 × stock", "met")


@pytest.mark.parametrize(
    ("ours", "row"),
    [
        (replace(OURS, start=20.0), "start to first answer"),
        (replace(OURS, resident=401.0), "resident memory after 1,000 messages"),
        (replace(OURS, grown=[Grown(14, 0.01), Grown(500, 0.013)]), "last against first of these"),
        (measured("guide", 0.03, 100, 0.03), "message, 1 user, p50"),
        (measured("guide", 0.01, 79, 0.01), "throughput, 8 users"),
    ],
)
def test_missed_target_is_called_so(ours, row):
    theirs = replace(STOCK, grown=STOCK.grown[-len(ours.grown) :])
    verdicts = {cells[0]: cells[-1] for cells in table_of(ours, theirs).rows}
    assert verdicts[row] == "**not met**"


def test_alone_a_target_against_stock_rasa_has_no_verdict():
    rows = {cells[0]: cells for cells in table_of(OURS, None).rows}
    assert rows["throughput, 8 users"][-1] == ""
    assert rows["training, wall clock"][-1] == "met"


@pytest.mark.parametrize("draw", [plots.latency, plots.throughput, plots.growth])
def test_plot_names_both_servers_and_survives_one(draw):
    both = draw([OURS, STOCK])
    assert both.startswith("<svg") and "guide" in both and "stock Rasa" in both
    assert "stock Rasa" not in draw([OURS])
