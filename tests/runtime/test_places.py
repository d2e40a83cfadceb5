"""Where the server writes, and which files of the operator it reads."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from channels.sender import sender_key
from runtime.places import PlaceError, in_data_dir, require_data_dir
from store.forgetting_store import ForgettingTrackerStore

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    return folder


def test_conversations_are_kept_in_the_data_folder(data_dir, tmp_path):
    ForgettingTrackerStore()
    assert (data_dir / "conversations.db").exists()
    assert list((tmp_path / "project").iterdir()) == []


def test_key_is_made_in_the_data_folder(data_dir, tmp_path):
    made = sender_key("NO_SUCH_KEY", in_data_dir("sender.key"))
    assert (data_dir / "sender.key").read_text().strip().encode() == made
    assert list((tmp_path / "project").iterdir()) == []


def test_without_a_data_folder_the_present_one_is_used(data_dir, monkeypatch, tmp_path):
    monkeypatch.delenv("DATA_DIR")
    ForgettingTrackerStore()
    assert (tmp_path / "project" / "conversations.db").exists()


def test_whole_path_stays_what_it_is(data_dir, tmp_path):
    assert in_data_dir(tmp_path / "elsewhere.db") == tmp_path / "elsewhere.db"


def test_data_folder_that_does_not_exist_is_refused(data_dir):
    data_dir.rmdir()
    with pytest.raises(PlaceError, match="is no folder; make it"):
        require_data_dir()


def test_data_folder_that_cannot_be_written_to_is_one_line_with_the_remedy(run_python, tmp_path):
    tmp_path.chmod(0o555)
    before = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
    ask = "from runtime.places import require_data_dir; require_data_dir()"
    result = run_python("-c", ask, before=before, DATA_DIR=str(tmp_path))
    assert "cannot be written to" in result.stderr.splitlines()[-1]
    assert "chown" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("given_to_make", [True, False])
def test_chat_in_the_terminal_has_the_model_and_the_store_of_the_server(given_to_make):
    settings = {"MODEL_DIR": "/srv/the models", "ENDPOINTS": "deploy/endpoints.postgres.yml"}
    asked = rasa_asked_by("chat", settings, given_to_make)
    assert option(asked, "--model") == "/srv/the models"
    assert option(asked, "--endpoints") == "deploy/endpoints.postgres.yml"


def test_chat_in_the_terminal_without_settings_has_those_of_the_project():
    asked = rasa_asked_by("chat", {"MODEL_DIR": "", "ENDPOINTS": ""}, given_to_make=False)
    assert option(asked, "--model") == "models"
    assert option(asked, "--endpoints") == "endpoints.yml"


def rasa_asked_by(verb, settings, given_to_make):
    """The words of the `rasa` command that `make` would run."""
    arguments = [f"{name}={value}" for name, value in settings.items()] if given_to_make else []
    environment = os.environ | ({} if given_to_make else settings)
    command = ["make", "--dry-run", verb, *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    lines = done.stdout.replace("\\\n", "").splitlines()
    (line,) = (line for line in lines if "bin/rasa " in line)
    return shlex.split(line)


def option(words, name):
    return words[words.index(name) + 1]
