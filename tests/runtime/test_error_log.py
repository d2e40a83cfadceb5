"""R7: errors are logged by kind and place, never with the text that may quote somebody."""

import logging
import sys

from runtime.error_log import FORMAT, WithoutValues, without_values

SECRET = "my " + "secret"


def raised():
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise OSError(SECRET) from cause
    except OSError:
        return sys.exc_info()


def test_causes_are_told_without_their_text():
    told = without_values(raised()[1])
    assert "builtins.OSError" in told and "because of builtins.KeyError" in told
    assert SECRET not in told


def test_log_record_with_an_exception_has_no_text_of_it():
    record = logging.LogRecord("rasa", logging.ERROR, "x.py", 1, "It broke", None, raised())
    line = WithoutValues(FORMAT).format(record)
    assert line.startswith("ERROR rasa: It broke")
    assert "builtins.OSError" in line and "test_error_log.py" in line
    assert SECRET not in line


def test_cause_that_was_put_aside_is_not_told():
    try:
        try:
            raise KeyError(SECRET)
        except KeyError:
            raise OSError from None
    except OSError as error:
        assert "KeyError" not in without_values(error)
