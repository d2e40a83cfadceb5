"""Stock Rasa as a yardstick; a small program stands in for its Python."""

import json
import sys

import pytest
import yaml

from evaluation import stock_project
from evaluation.stock import answers
from evaluation.stock_project import (
    StockProblem,
    trained_project,
    wanted_epochs,
    written_project,
)

# Writes its first argument into a log beside it.
STAND_IN = f"""#!{sys.executable}
import json, pathlib, sys
arguments = sys.argv[1:]
with pathlib.Path(__file__).with_suffix(".log").open("a") as log:
    log.write(arguments[0] + "\\n")
if arguments[0] == "-m":
    name = arguments[arguments.index("--fixed-model-name") + 1]
    assert "DIETClassifier" in pathlib.Path("config.yml").read_text()
    pathlib.Path("models").mkdir()
    pathlib.Path(f"models/{{name}}.tar.gz").touch()
else:
    texts = json.loads(pathlib.Path(arguments[3]).read_text())
    found = [{{"intent": {{"name": text.upper(), "confidence": 0.5}}}} for text in texts]
    pathlib.Path(arguments[4]).write_text(json.dumps(found))
"""

PHRASES = """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
- intent: back
  examples: |
    - go back
- intent: greet
  metadata: {level: C}
  examples: |
    - hi
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(stock_project, "FOLDER", tmp_path / "stock")
    (tmp_path / "nlu.yml").write_text(PHRASES)
    monkeypatch.setattr(stock_project, "PHRASES", tmp_path / "nlu.yml")
    return tmp_path


def program(folder, text):
    path = folder / "python"
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_answers_come_in_the_order_of_the_texts(folder):
    found = answers(program(folder, STAND_IN), ["b", "a"])
    assert [one.intent for one in found] == ["B", "A"]


def test_it_is_trained_anew_only_when_a_phrase_changed(folder):
    python = program(folder, STAND_IN)
    answers(python, ["a"])
    answers(python, ["a"])
    (folder / "nlu.yml").write_text(PHRASES.replace("hello", "good day"))
    answers(python, ["a"])
    assert (folder / "python.log").read_text().split() == ["-m", "-c", "-c", "-m", "-c"]


def test_missing_interpreter_is_named(folder):
    with pytest.raises(StockProblem, match="nowhere"):
        answers(folder / "nowhere", [])


def test_failure_shows_its_last_line(folder):
    python = program(folder, "#!/bin/sh\necho first >&2; echo out of memory >&2; exit 3\n")
    with pytest.raises(StockProblem, match="code 3: out of memory"):
        answers(python, ["a"])


def test_training_that_leaves_no_model_is_a_problem(folder):
    with pytest.raises(StockProblem, match="no model"):
        answers(program(folder, "#!/bin/sh\nexit 0\n"), ["a"])


def test_project_has_the_phrases_without_what_only_our_components_read(folder):
    project = written_project().folder
    nlu = yaml.safe_load((project / "data/nlu.yml").read_text())["nlu"]
    assert nlu == [
        {"intent": "greet", "examples": "- hello\n- hi\n"},
        {"intent": "back", "examples": "- go back\n"},
    ]


def test_each_intent_has_an_answer_and_a_rule_but_for_those_rasa_answers_itself(folder):
    project = written_project().folder
    domain = yaml.safe_load((project / "domain.yml").read_text())
    rules = yaml.safe_load((project / "data/rules.yml").read_text())["rules"]
    assert domain["intents"] == ["greet", "back", "nlu_fallback"]
    assert list(domain["responses"]) == ["utter_greet", "utter_nlu_fallback"]
    assert [rule["rule"] for rule in rules] == ["greet", "nlu_fallback"]


def test_fewer_epochs_are_another_project(folder):
    assert written_project(1).folder != written_project(100).folder


def test_training_is_recorded_beside_the_model_and_reused(folder):
    python = program(folder, STAND_IN)
    first = trained_project(python)
    record = json.loads((first.folder / "models/training.json").read_text())
    assert set(record) == {"seconds", "cpu_seconds", "load"}
    assert 0 < record["seconds"] < 60
    assert trained_project(python).training == first.training
    assert (folder / "python.log").read_text().split() == ["-m"]


@pytest.mark.parametrize("text", ["many", "0", "-1", "1.5"])
def test_rounds_that_are_no_number_are_named(text):
    with pytest.raises(StockProblem, match=f"STOCK_EPOCHS={text}"):
        wanted_epochs(text)


def test_without_a_wish_stock_rasa_is_trained_as_it_trains_itself():
    assert (wanted_epochs(""), wanted_epochs("1")) == (100, 1)
