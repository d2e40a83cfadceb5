"""Rasa without TensorFlow, and without calling home."""

import importlib
import subprocess
import sys

import pytest
from rasa.engine.graph import GraphComponent
from rasa.shared.exceptions import RasaException

from runtime import lean_rasa
from runtime.lean_rasa import TENSORFLOW_MODULES, LeanRasaFinder

STAND_INS = [
    (module, name)
    for module, names in TENSORFLOW_MODULES.items()
    for name, kind in names.items()
    if kind is not None
]

# Trains with the plain `rasa` command, then parses; notes every attempt to reach a network.
TRAIN_AND_PARSE = """
import asyncio, socket, sys
attempts = []

def note(event, args):
    if event == "socket.getaddrinfo" and args[0] not in (None, "", "localhost", "127.0.0.1"):
        attempts.append(f"name lookup of {args[0]}")
    if event == "socket.connect" and args[0].family != socket.AF_UNIX:
        attempts.append(f"connection to {args[1]}")

try:
    socket.create_connection(("192.0.2.1", 80), 1)
except OSError as error:
    print("network:", error.strerror)
sys.addaudithook(note)
from rasa.__main__ import main
sys.argv = ["rasa", "train", "--out", "models", "--fixed-model-name", "tiny"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
from rasa.core.agent import load_agent

async def parse():
    agent = await load_agent(model_path="models/tiny.tar.gz")
    return await agent.parse_message("hello")

print("intent:", asyncio.run(parse())["intent"]["name"])
print("attempts:", attempts)
"""


def lines_of(result):
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


def test_training_needs_no_tensorflow(run_python):
    code = (
        "import sys, rasa.model_training, rasa.server, rasa.core.test\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'tensorflow'))"
    )
    assert lines_of(run_python("-c", code))[-1] == "[]"


@pytest.mark.parametrize(("module", "name"), STAND_INS)
def test_tensorflow_component_says_what_to_install(module, name):
    component = getattr(importlib.import_module(module), name)
    assert issubclass(component, GraphComponent)
    for use in (component.create, component.required_packages):
        with pytest.raises(RasaException, match=rf"{name} needs TensorFlow.*pip install rasa=="):
            use()


@pytest.mark.parametrize(
    "asked", [{"classifier": "DIETClassifier"}, {"policy": "TEDPolicy"}], ids=["DIET", "TED"]
)
def test_config_asking_for_tensorflow_ends_training_with_the_remedy(
    run_python, tiny_project, asked
):
    project = tiny_project(**asked)
    result = run_python("-m", "rasa", "train", "--skip-validation", cwd=project)
    said = result.stdout + result.stderr
    assert result.returncode != 0
    assert f"{next(iter(asked.values()))} needs TensorFlow" in said
    assert "pip install rasa==" in said
    assert "Traceback" not in said


def test_placeholders_stand_aside_where_tensorflow_is_installed(monkeypatch):
    monkeypatch.setattr(lean_rasa, "_tensorflow_is_installed", lambda: True)
    for module in TENSORFLOW_MODULES:
        assert LeanRasaFinder().find_spec(module, None) is None


def test_no_other_module_is_touched():
    for module in ("json", "rasa.nlu.classifiers.logistic_regression_classifier", "rasa.core.run"):
        assert LeanRasaFinder().find_spec(module, None) is None


def test_installing_twice_registers_once():
    lean_rasa.install()
    assert sum(isinstance(finder, LeanRasaFinder) for finder in sys.meta_path) == 1


def test_telemetry_and_error_reports_are_off_whatever_the_environment_says(run_python):
    code = (
        "import sentry_sdk\n"
        "from rasa import telemetry\n"
        "telemetry.initialize_telemetry()\n"
        "telemetry.initialize_error_reporting()\n"
        "print(telemetry.is_telemetry_enabled(), sentry_sdk.Hub.current.client)"
    )
    asked = {"RASA_TELEMETRY_ENABLED": "true", "SENTRY_DSN": "https://a@sentry.example.org/1"}
    assert lines_of(run_python("-c", code, **asked))[-1] == "False None"


def test_onnxruntime_prepares_no_report_to_its_makers(run_python, tmp_path):
    """It begins with its import, and keeps a number of the machine and a queue below HOME."""
    code = (
        "import time; from components.understanding.encoder import sentence_encoder\n"
        "sentence_encoder().encode(['hello']); time.sleep(0.5)"
    )
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "TMPDIR": str(tmp_path)}
    asked = {"ORT_DISABLE_TELEMETRY": "0"}
    lines_of(run_python("-c", code, **home, **asked))
    assert list(tmp_path.iterdir()) == []


def test_training_and_parsing_need_no_network_and_try_none(run_python, tiny_project, missing):
    cut_off = ("unshare", "-rn")
    try:
        subprocess.run([*cut_off, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        missing("`unshare -rn` is not permitted here, so the network cannot be cut off")
    result = run_python("-c", TRAIN_AND_PARSE, cwd=tiny_project(), before=cut_off)
    lines = lines_of(result)
    assert "network: Network is unreachable" in lines
    assert "intent: greet" in lines
    assert "attempts: []" in lines


def test_stock_classifier_of_rasa_can_still_be_trained(run_python, tiny_project):
    project = tiny_project(
        classifier="CountVectorsFeaturizer\n  - name: LogisticRegressionClassifier"
    )
    result = run_python("-m", "rasa", "train", "--skip-validation", cwd=project)
    assert result.returncode == 0, result.stdout + result.stderr
