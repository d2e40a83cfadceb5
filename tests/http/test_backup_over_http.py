"""A conversation that comes back from a backup goes on where it was."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def back_up(guide, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "store.backup", *arguments],
        env={**os.environ, "DATA_DIR": str(guide.folder), "PORT": str(guide.port)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_conversation_goes_on_after_its_disk_was_lost(new_guide, visit, tmp_path):
    guide = new_guide()
    guide.start()
    visitor = visit(guide)
    visitor.say("what are short chain fatty acids")
    written = back_up(guide, "write", "--to", str(tmp_path))
    assert written.returncode == 0, written.stderr
    (made,) = tmp_path.iterdir()
    while_running = back_up(guide, "restore", "--from", str(made))
    assert (while_running.returncode, while_running.stdout) == (1, "")
    more = visitor.say("/more_detail")
    guide.stop()
    for name in ("conversations.db", "sender.key"):
        (guide.folder / name).unlink()

    restored = back_up(guide, "restore", "--from", str(made))
    assert restored.returncode == 0, restored.stderr
    guide.start()
    assert visitor.say("/more_detail")[0]["text"] == more[0]["text"]
    stranger = visit(guide).say("/more_detail")
    assert stranger[0]["text"] != more[0]["text"]
