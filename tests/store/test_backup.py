"""Backups of the SQLite file: whole, private, and never put over what is there without a copy."""

import shutil
import socket
import sqlite3
import stat
import threading

import pytest

from store import backup
from store.backup import BackupError, main, restore, write


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with a database of one row, and a key."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.delenv("ENDPOINTS", raising=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PORT", str(probe.getsockname()[1]))
    say(folder, "before")
    (folder / "sender.key").write_text("k" * 64)
    (folder / "sender.key").chmod(0o600)
    return folder


def say(folder, word):
    with sqlite3.connect(folder / "conversations.db") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS events (word TEXT)")
        connection.execute("INSERT INTO events VALUES (?)", (word,))
    connection.close()


def words(folder):
    with sqlite3.connect(folder / "conversations.db") as connection:
        return [row[0] for row in connection.execute("SELECT word FROM events ORDER BY rowid")]


def test_restored_data_are_those_of_the_backup(data, tmp_path):
    made = write(tmp_path / "backups")
    say(data, "after")
    (data / "sender.key").write_text("x" * 64)
    restore(made)
    assert words(data) == ["before"]
    assert (data / "sender.key").read_text() == "k" * 64
    assert stat.S_IMODE((data / "sender.key").stat().st_mode) == 0o600


def test_what_was_there_before_a_restore_is_kept(data, tmp_path):
    made = write(tmp_path / "backups")
    say(data, "after")
    before = restore(made)
    assert words(before) == ["before", "after"]


def test_lost_data_come_back(data, tmp_path):
    made = write(tmp_path / "backups")
    shutil.rmtree(data)
    data.mkdir()
    restore(made)
    assert words(data) == ["before"]
    assert (data / "sender.key").exists()


def test_backup_is_for_its_owner_alone(data, tmp_path):
    made = write(tmp_path / "backups")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (made, *made.iterdir())]
    assert modes == [0o700, 0o600, 0o600]


def test_backup_while_somebody_writes_is_whole(data, tmp_path):
    stop = threading.Event()

    def keep_writing():
        with sqlite3.connect(data / "conversations.db", timeout=30) as connection:
            while not stop.is_set():
                connection.execute("INSERT INTO events VALUES ('a'), ('b')")
                connection.commit()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        made = write(tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    found = words(made)
    assert found.count("a") == found.count("b")


def test_running_guide_is_not_restored_over(data, tmp_path, monkeypatch, serve):
    from sanic import Sanic, response

    app = Sanic("test_backup", configure_logging=False)

    @app.get("/live")
    async def live(_):
        return response.json({})

    made = write(tmp_path / "backups")
    monkeypatch.setenv("PORT", serve(app).rpartition(":")[2])
    with pytest.raises(BackupError, match="stop it, then restore"):
        restore(made)


def test_damaged_backup_is_not_restored(data, tmp_path):
    made = write(tmp_path / "backups")
    (made / "conversations.db").write_bytes(b"SQLite format 3\0" + b"?" * 5000)
    with pytest.raises(BackupError, match="is damaged"):
        restore(made)
    assert words(data) == ["before"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["restore", "--from", "nowhere"], "does not exist; name the folder"),
        (["restore", "--from", "{data}"], "Name the folder that `make backup` wrote"),
        (["write", "--to", "/proc/nowhere"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_the_remedy(data, capsys, arguments, line):
    assert main([argument.format(data=data) for argument in arguments]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert line in said


def test_nothing_to_back_up_is_said(data, tmp_path):
    (data / "conversations.db").unlink()
    with pytest.raises(BackupError, match="nothing to back up"):
        write(tmp_path / "backups")


def test_another_kind_of_store_is_referred_to_the_runbook(data, tmp_path, monkeypatch):
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text("tracker_store: {type: x.Y, dialect: postgresql, url: db}\n")
    monkeypatch.setenv("ENDPOINTS", str(endpoints))
    with pytest.raises(BackupError, match=r"postgresql.*docs/runbook\.md"):
        backup.database_file()
