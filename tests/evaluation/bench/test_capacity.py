"""The arithmetic of how many people a machine can serve."""

import pytest

from evaluation.bench.capacity import Machine, capacity, capacity_table
from evaluation.bench.figures import Measured
from evaluation.stock_project import Training

GUIDE = Measured("guide", 900, Training(28, 40, 0.1), 5.0, {}, [], 400.0, 10.0)


@pytest.mark.parametrize(
    ("machine", "processes"),
    [
        (Machine(700, 4), 0),  # nothing fits beside the system
        (Machine(1024, 1), 1),
        (Machine(1024, 4), 1),  # memory is what is short
        (Machine(8192, 2), 2),  # cores are
    ],
)
def test_scarcer_of_memory_and_cores_sets_the_processes(machine, processes):
    assert capacity(machine, GUIDE).processes == processes


def test_month_follows_from_the_busiest_hour():
    able = capacity(Machine(1024, 1), GUIDE)
    assert able.a_second == pytest.approx(50)  # half a core, 10 ms a message
    assert able.messages == pytest.approx(50 * 3600 / 0.12 * 30)


def test_table_claims_no_more_than_two_digits():
    cells = {row[0]: row for row in capacity_table(GUIDE).rows}
    assert cells["1 GB, 1 core"][1:] == ("1", "50", "45,000,000", "4,500,000")
    assert cells["4 GB, 2 cores"][1:3] == ("2", "100")
