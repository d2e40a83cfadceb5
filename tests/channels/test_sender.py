"""Sender ids are kept as pseudonyms; the key stays with the operator."""

import stat
from pathlib import Path

import pytest

from channels.sender import pseudonym, sender_key
from channels.settings import SettingError

VARIABLE = "TEST_SENDER_KEY"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_pseudonym_is_stable_and_hides_the_id() -> None:
    name = pseudonym(KEY.encode(), "rest", "ann")
    assert name == pseudonym(KEY.encode(), "rest", "ann")
    assert len(name) == 64 and "ann" not in name


def test_other_id_channel_or_key_is_another_name() -> None:
    names = {
        pseudonym(key, channel, id)
        for key in (b"one", b"two")
        for channel in ("rest", "telegram")
        for id in ("ann", "bob")
    }
    assert len(names) == 8


def test_key_comes_from_the_environment_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    assert sender_key(VARIABLE, tmp_path / "sender.key") == KEY.encode()
    assert not list(tmp_path.iterdir())


def test_key_is_made_once_and_its_owner_alone_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "sender.key"
    key = sender_key(VARIABLE, file)
    assert sender_key(VARIABLE, file) == key
    assert len(key) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert sender_key(VARIABLE, tmp_path / "other.key") != key


def test_file_that_appears_meanwhile_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sender.key"
    ours = sender_key(VARIABLE, file)
    missing = iter([False])
    monkeypatch.setattr(Path, "exists", lambda _: next(missing))
    assert sender_key(VARIABLE, file) == ours


@pytest.mark.parametrize("key", ["short", " " * 3])
def test_short_key_is_an_error_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(VARIABLE, key)
    with pytest.raises(SettingError, match="openssl rand"):
        sender_key(VARIABLE, tmp_path / "sender.key")


def test_empty_key_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "sender.key"
    file.touch(mode=0o600)
    with pytest.raises(SettingError, match="openssl rand"):
        sender_key(VARIABLE, file)


def test_key_that_others_can_read_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "sender.key"
    file.write_text(KEY)
    file.chmod(0o644)
    with pytest.raises(SettingError, match="chmod 600"):
        sender_key(VARIABLE, file)


def test_key_that_is_not_text_or_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "sender.key"
    file.write_bytes(b"\xff" * 40)
    file.chmod(0o600)
    with pytest.raises(SettingError, match="not text"):
        sender_key(VARIABLE, file)
    with pytest.raises(SettingError, match=VARIABLE):
        sender_key(VARIABLE, tmp_path / "no_folder" / "sender.key")
