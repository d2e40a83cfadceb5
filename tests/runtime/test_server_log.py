"""The log of the running server, in both formats."""

import json

import pytest

LOG = """
import logging, structlog
from runtime.server_log import log_as_asked
log_as_asked()
logging.getLogger("channels.web").info("an aside: " + "my " + "secret")
try:
    raise KeyError("my " + "secret")
except KeyError:
    logging.getLogger("channels.web").exception("It broke")
thing = structlog.get_logger("rasa.core.thing")
thing.error("thing.broke", user_text="my " + "secret", odd=object())
thing.info("thing.said", user_text="my " + "secret")
structlog.get_logger("guide.message").info("message", intent="ask_stress", failure=None)
"""


def logged(run_python, **environment):
    result = run_python("-c", LOG, **environment)
    assert result.returncode == 0, result.stderr
    return result.stderr.splitlines()


def test_json_lines_hold_warnings_errors_and_a_line_for_each_message(run_python):
    lines = [json.loads(line) for line in logged(run_python, LOG_FORMAT="json")]
    assert [(line["level"], line["logger"], line["event"]) for line in lines] == [
        ("error", "channels.web", "It broke"),
        ("error", "rasa.core.thing", "thing.broke"),
        ("info", "guide.message", "message"),
    ]
    assert all(line["time"].endswith("Z") for line in lines)


def test_json_lines_hold_no_words_of_anybody(run_python):
    lines = logged(run_python, LOG_FORMAT="json")
    assert "my secret" not in "\n".join(lines)
    error, thing, message = (json.loads(line) for line in lines)
    assert "builtins.KeyError" in error["exception"]
    assert thing.keys() == {"event", "level", "logger", "time"}
    assert message.keys() == {"event", "level", "logger", "time", "intent"}


@pytest.mark.parametrize("environment", [{}, {"LOG_FORMAT": ""}, {"LOG_FORMAT": "text"}])
def test_plain_log_has_no_line_for_a_message(run_python, environment):
    lines = logged(run_python, **environment)
    assert lines[0].startswith("ERROR channels.web: It broke")
    assert not any("ask_stress" in line for line in lines)


def test_unknown_format_is_one_line_with_the_remedy(run_python):
    result = run_python("-c", LOG, LOG_FORMAT="xml")
    assert result.stderr.splitlines()[-1].endswith("LOG_FORMAT=xml is not known; use text or json")
