"""Plays the conversations of this folder through `rasa test`, and validates the training data."""

import asyncio
import subprocess
from pathlib import Path

import pytest
from rasa.core.agent import Agent, load_agent
from rasa.core.test import test as play

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
STORIES = sorted(HERE.glob("test_*.yml"))


@pytest.fixture(scope="module")
def agent() -> Agent:
    models = sorted((PROJECT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    assert models, "there is no model to test; run `make train`"
    return asyncio.run(load_agent(model_path=str(models[-1])))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem.removeprefix("test_"))
def test_conversation_goes_as_written(path, agent, tmp_path):
    asyncio.run(
        play(str(path), agent, out_directory=str(tmp_path), e2e=True, disable_plotting=True)
    )
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert "stories:" not in failed, failed


def test_rasa_finds_no_fault_with_the_training_data():
    result = subprocess.run(
        [PROJECT / ".venv/bin/rasa", "data", "validate", "--fail-on-warnings"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
