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

# Stories whose ending is still wrong, and why; one that comes right fails until it leaves here.
KNOWN_FAILURES = {
    "test_yes_repeats_a_safety_reply_inside_a_conversation": (
        "the stories of data/stories.yml fit only at the start of a conversation"
    ),
}


@pytest.fixture(scope="module")
def agent() -> Agent:
    models = sorted((PROJECT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    assert models, "there is no model to test; run `make train`"
    return asyncio.run(load_agent(model_path=str(models[-1])))


def story(path: Path) -> object:
    reason = KNOWN_FAILURES.get(path.stem)
    marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
    return pytest.param(path, id=path.stem.removeprefix("test_"), marks=marks)


@pytest.mark.parametrize("path", [story(path) for path in STORIES])
def test_conversation_goes_as_written(path, agent, tmp_path):
    asyncio.run(
        play(str(path), agent, out_directory=str(tmp_path), e2e=True, disable_plotting=True)
    )
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert "stories:" not in failed, failed


def test_known_failures_are_stories_that_exist():
    assert set(KNOWN_FAILURES) <= {path.stem for path in STORIES}


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
