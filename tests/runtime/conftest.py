"""Runs commands of the project, and a tiny Rasa project to run them on."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

TINY = {
    "domain.yml": """
version: "3.1"
intents: [greet, bye]
responses:
  utter_hello:
    - text: Hello.
""",
    "data/training.yml": """
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hello
      - hi there
  - intent: bye
    examples: |
      - goodbye
      - see you
rules:
  - rule: hello
    steps:
      - intent: greet
      - action: utter_hello
""",
}

CONFIG = """
recipe: default.v1
assistant_id: tiny
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: {classifier}
policies:
  - name: {policy}
"""

RunPython = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_python() -> RunPython:
    """run_python("-c", "…", cwd=…, before=["unshare", …], PORT="…")"""

    def run(
        *arguments: str, cwd: Path = PROJECT, before: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, sys.executable, *arguments],
            cwd=cwd,
            env={**os.environ, "PYTHONWARNINGS": "ignore", **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def tiny_project(tmp_path: Path) -> Callable[..., Path]:
    """Writes a project of two intents with the classifier and policy asked for."""

    def write(classifier: str = "KeywordIntentClassifier", policy: str = "RulePolicy") -> Path:
        files = TINY | {"config.yml": CONFIG.format(classifier=classifier, policy=policy)}
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
