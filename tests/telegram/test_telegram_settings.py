"""What the operator sets, and a site without Telegram."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bot_api import TOKEN

from channels.settings import SettingError
from channels.telegram.channel import TelegramInput

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_URL", "SENDER_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def shipped():
    credentials = yaml.safe_load((PROJECT / "credentials.yml").read_text(encoding="utf-8"))
    return credentials["channels.telegram.channel.TelegramInput"]


def test_without_a_token_there_is_no_route_no_key_and_no_task(in_a_folder):
    channel = TelegramInput.from_credentials(shipped())
    blueprint = channel.blueprint(lambda _: asyncio.sleep(0))
    assert (blueprint._future_routes, blueprint._future_listeners) == (set(), [])
    assert not (in_a_folder / "sender.key").exists()


def test_without_a_token_telegrams_library_takes_no_memory():
    code = (
        "import sys, runtime.launcher, channels.telegram.channel; print('telegram' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=PROJECT, capture_output=True, text=True).stdout == "False\n"


def test_with_a_token_the_shipped_settings_are_good(monkeypatch):
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "https://guide.example.org/")
    channel = TelegramInput.from_credentials(shipped())
    receiver = channel.receiver
    assert (receiver.token, receiver.address) == (TOKEN, "https://guide.example.org")


def test_bad_token_is_named_and_not_shown(monkeypatch):
    """T15"""
    monkeypatch.setenv("TELEGRAM_TOKEN", "12345:secret")
    with pytest.raises(SettingError) as error:
        TelegramInput.from_credentials(shipped())
    assert "TELEGRAM_TOKEN" in str(error.value) and "secret" not in str(error.value)


@pytest.mark.parametrize(
    "address", ["http://guide.example.org", "guide", "https://", "https://a b"]
)
def test_bad_address_is_named(monkeypatch, address):
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", address)
    with pytest.raises(SettingError, match="TELEGRAM_WEBHOOK_URL"):
        TelegramInput.from_credentials(shipped())


@pytest.mark.parametrize(
    "settings", [{"tokn": "x"}, {"answers_at_once": 0}, {"api_url": "ftp://x"}]
)
def test_bad_setting_is_named_in_one_line(settings):
    with pytest.raises(SettingError) as error:
        TelegramInput.from_credentials(settings)
    assert next(iter(settings)) in str(error.value) and "\n" not in str(error.value)
