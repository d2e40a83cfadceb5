"""Where the server writes: one folder that the operator may name."""

import pytest

from channels.sender import sender_key
from runtime.places import PlaceError, in_data_dir, require_data_dir
from store.forgetting_store import ForgettingTrackerStore


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
