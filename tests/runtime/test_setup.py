"""What is installed is what was locked: exact versions, known by their hashes, from anywhere."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = sorted(PROJECT.glob("requirements*.lock"))
LOCKED = re.compile(r"[a-z0-9][a-z0-9._-]*==\S+( ; [^\\\n]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")

# Stands for the Python that set-up finds: makes an environment whose pip only notes its words.
PYTHON = """#!/bin/sh
case "$*" in
"-m venv .uv") mkdir -p .uv/bin && cp "$0" .uv/bin/python ;;
*) echo "$*" >>asked; exit 1 ;;
esac
"""


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_names_versions_and_hashes_and_no_place_to_fetch_from(lock):
    entries = lock.read_text(encoding="utf-8").replace(" \\\n", "").splitlines()
    assert entries
    for entry in entries:
        package, *hashes = re.split(r"\s+(?=--hash)", entry)
        assert LOCKED.fullmatch(package), entry
        assert hashes and all(map(HASH.fullmatch, hashes)), package


def test_installer_is_locked_like_what_it_installs():
    assert "uv==" in (PROJECT / "requirements-setup.lock").read_text(encoding="utf-8")


def test_installer_is_fetched_by_its_hash(tmp_path):
    result = set_up(tmp_path)
    assert "--require-hashes" in result and "--requirement requirements-setup.lock" in result


def test_installer_that_is_not_the_locked_one_any_more_is_fetched_anew(tmp_path):
    for name, seconds in ((".uv/bin/uv", 1), (".uv/bin/python", 1), (".uv/.ready", 2)):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PYTHON)
        file.chmod(0o755)
        os.utime(file, (seconds, seconds))
    assert "requirements-setup.lock" in set_up(tmp_path)


def set_up(folder):
    """Runs runtime/setup.sh in `folder` with our Python; what pip was asked for."""
    (folder / "runtime").mkdir()
    (folder / "bin").mkdir()
    shutil.copy(PROJECT / "runtime/setup.sh", folder / "runtime")
    for lock in LOCKS:
        shutil.copy(lock, folder)
    for name in ("python3", "python3.12"):
        (folder / "bin" / name).write_text(PYTHON)
        (folder / "bin" / name).chmod(0o755)
    done = subprocess.run(
        [folder / "runtime/setup.sh", "requirements.lock"],
        env={"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "Setup stopped" in done.stderr, done.stderr
    return (folder / "asked").read_text(encoding="utf-8")
