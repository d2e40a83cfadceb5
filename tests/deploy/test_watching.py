"""Alarms and board: they ask for figures that the guide gives, and do what they say."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable

import pytest
from image import DEPLOY, PROJECT

from runtime import metrics

RULES = DEPLOY / "prometheus" / "guide.rules.yml"
BOARD = DEPLOY / "grafana" / "guide.json"
FIGURE = re.compile(r"\b(guide_[a-z_]+|process_[a-z_]+)\b")


@pytest.fixture(scope="module")
def promtool(missing: Callable[[str], None]):
    found = shutil.which("promtool")
    if not found:
        missing("promtool is missing; `apt-get install prometheus` brings it")
    return found


def figures_given():
    names = set()
    for family in metrics.REGISTRY.collect():
        endings = {
            "counter": ("_total",),
            "histogram": ("_bucket", "_count", "_sum"),
            "info": ("_info",),
        }.get(family.type, ("",))
        names |= {family.name + ending for ending in endings}
    return names


def board():
    return json.loads(BOARD.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "command",
    [
        ["check", "rules", "guide.rules.yml"],
        ["test", "rules", "guide.rules.test.yml"],
        ["check", "config", "--syntax-only", "prometheus.example.yml"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_prometheus_accepts_the_alarms_and_they_ring_when_they_should(promtool, command):
    done = subprocess.run(
        [promtool, *command], cwd=RULES.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alarm_is_explained_in_the_runbook_and_has_been_made_to_ring():
    alarms = re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8"))
    runbook = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
    tested = RULES.with_name("guide.rules.test.yml").read_text(encoding="utf-8")
    assert len(alarms) > 5
    for alarm in alarms:
        assert f"**{alarm}**" in runbook
        assert re.search(rf"alertname: {alarm}\n\s+exp_alerts:\n\s+- exp_labels", tested), alarm


def test_runbook_explains_no_alarm_that_does_not_exist():
    runbook = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\*\*(Guide\w+)\*\*", runbook)) == set(
        re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8"))
    )


def test_alarms_ask_for_figures_that_the_guide_gives():
    asked = set(FIGURE.findall(RULES.read_text(encoding="utf-8")))
    assert asked and asked <= figures_given()


def test_board_asks_for_figures_that_the_guide_gives_and_leaves_none_of_ours_out():
    asked = {
        name
        for panel in board()["panels"]
        for target in panel["targets"]
        for name in FIGURE.findall(target["expr"])
    }
    assert asked <= figures_given()
    ours = {name.removesuffix("_total") for name in figures_given() if name.startswith("guide_")}
    shown = {re.sub(r"_(total|bucket)$", "", name) for name in asked}
    not_drawn = {"guide_model_trained_timestamp_seconds"}
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in ours} - shown == not_drawn


def test_panels_of_the_board_lie_beside_each_other_and_name_no_data_source_of_ours():
    taken = set()
    for panel in board()["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["datasource"]["uid"] == "${source}"
