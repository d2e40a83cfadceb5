"""The arithmetic of the benchmark; the measuring itself is `make bench`."""

import pytest

from evaluation import bench
from evaluation.bench import Measured

OURS = Measured("guide", 5, 0.02, 0.03, 50, 0.02, 0.021, 500, 300, 1000)
STOCK = Measured("stock Rasa", 80, 0.06, 0.08, 16, 0.05, 0.5, 150, 1100, 1000)


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (95, 10), (100, 10), (1, 1)])
def test_percentile_is_a_value_that_was_measured(percent, value):
    assert bench.percentile(list(range(1, 11)), percent) == value


def test_table_beside_stock_rasa_has_the_ratios():
    table = bench.speed_table(OURS, STOCK)
    ratios = {row[0]: row[3] for row in table.rows}
    assert ratios["start to first answer"] == "0.06"
    assert ratios["8 users at once"] == "3.12"
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_table_alone_has_no_ratio_and_says_so():
    assert bench.speed_table(OURS, None).columns == ("measure", "guide")
    assert any("Not measured beside" in note for note in bench.notes_on(OURS, None, 0.0))


def test_early_part_begins_with_the_fifth_message():
    assert bench.early_part(list(range(1, 501)))[0] == 5


def test_packages_are_read_from_the_lock_file_as_the_index_names_them():
    lock = "aio_pika==8.2.3 \\\n    --hash=sha256:00\nPyYAML==6.0.3\n# comment==1\n"
    assert bench.locked_names(lock) == {"aio-pika", "pyyaml"}


def test_installed_packages_take_space():
    assert bench.installed_bytes({"pyyaml"}) > 100_000
    assert bench.installed_bytes({"no-such-package"}) == 0
