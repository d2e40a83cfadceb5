"""Stock Rasa as a yardstick; a small program stands in for its Python."""

import sys

import pytest

from evaluation import stock
from evaluation.stock import StockProblem, answers

STAND_IN = f"""#!{sys.executable}
import json, pathlib, sys
arguments = sys.argv[1:]
log = pathlib.Path(__file__).with_suffix(".log")
log.write_text(log.read_text() + arguments[0] + "\\n" if log.exists() else arguments[0] + "\\n")
if arguments[0] == "-m":
    name = arguments[arguments.index("--fixed-model-name") + 1]
    out = pathlib.Path(arguments[arguments.index("--out") + 1])
    assert "DIETClassifier" in pathlib.Path(arguments[arguments.index("--config") + 1]).read_text()
    (out / f"{{name}}.tar.gz").touch()
else:
    texts = json.loads(pathlib.Path(arguments[3]).read_text())
    found = [{{"intent": {{"name": text.upper(), "confidence": 0.5}}}} for text in texts]
    pathlib.Path(arguments[4]).write_text(json.dumps(found))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(stock, "FOLDER", tmp_path / "stock")
    phrases = tmp_path / "nlu.yml"
    phrases.write_text("one")
    monkeypatch.setattr(stock, "PHRASES", phrases)
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
    (folder / "nlu.yml").write_text("two")
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
