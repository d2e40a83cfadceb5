"""Rasa's connectors are there when they are asked for, and cost nothing before."""

import importlib

import pytest

from runtime.idle_connectors import CONNECTORS

LISTED_BUT_NOT_LOADED = """
import sys, rasa.core.channels as channels
print(sorted(channels.BUILTIN_CHANNELS))
print([name for name in ("aiogram", "slack_sdk", "twilio", "prompt_toolkit", "socketio")
       if name in sys.modules])
"""
DERIVED = """
from rasa.core.channels import SlackInput
from rasa.core.channels.channel import InputChannel

class Mine(SlackInput):
    pass

assert issubclass(Mine, InputChannel), Mine.__mro__
print(Mine.name(), Mine.__mro__[1].__module__)
"""
SHELL = """
import inspect
from rasa.core.channels import console
print(inspect.iscoroutinefunction(console.record_messages))
"""


def lines_of(result):
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


@pytest.mark.parametrize("module", CONNECTORS)
def test_connector_has_the_class_and_the_name_rasa_knows_it_by(module):
    class_name, channel = CONNECTORS[module]
    importlib.import_module(module)
    real = getattr(
        importlib.import_module("runtime.idle_connectors").real_module(module), class_name
    )
    assert isinstance(real, type)
    assert real.name() == channel


def test_all_are_listed_and_none_is_loaded(run_python):
    names, loaded = lines_of(run_python("-c", LISTED_BUT_NOT_LOADED))
    assert all(repr(channel) in names for _, channel in CONNECTORS.values())
    assert loaded == "[]"


def test_credentials_bring_the_real_connector(run_python):
    code = (
        "from rasa.core.run import create_http_input_channels\n"
        "import pathlib, tempfile\n"
        "file = pathlib.Path(tempfile.mkdtemp(), 'credentials.yml')\n"
        "file.write_text('twilio: {account_sid: a, auth_token: b, twilio_number: c}')\n"
        "(channel,) = create_http_input_channels(None, str(file))\n"
        "print(type(channel).__module__, channel.account_sid)"
    )
    assert lines_of(run_python("-c", code))[-1] == "rasa.core.channels.twilio a"


def test_class_derived_from_a_connector_is_a_channel(run_python):
    assert lines_of(run_python("-c", DERIVED))[-1] == "slack rasa.core.channels.slack"


def test_terminal_finds_what_it_needs(run_python):
    assert lines_of(run_python("-c", SHELL))[-1] == "True"
