"""The server's log: warnings and errors in plain lines or, with LOG_FORMAT=json, as JSON, one
object a line, with a line for each message too. What people write is in neither.
"""

import logging
import os
import warnings
from typing import Any

import structlog
from rasa.utils.log_utils import configure_structlog

from runtime.error_log import FORMAT, WithoutValues, without_values
from runtime.metrics import ErrorCounter

LOG_FORMAT = "LOG_FORMAT"
OURS = "guide"
# Rasa hangs a message's text to some of its events under other names; those are left out.
KEPT = frozenset({"event", "level", "logger", "time", "exception"})


class LogFormatError(Exception):
    """LOG_FORMAT says nothing that is known; the text is one line with the remedy."""


def log_as_asked() -> None:
    """Warnings and errors only, for Rasa logs what people write at INFO and below; as JSON also
    one line of ours a message. Raises LogFormatError.
    """
    asked = os.environ.get(LOG_FORMAT) or "text"
    if asked not in ("text", "json"):
        raise LogFormatError(f"{LOG_FORMAT}={asked} is not known; use text or json")
    warnings.simplefilter("ignore")
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutValues(FORMAT) if asked == "text" else json_lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler, ErrorCounter()])
    if asked == "text":
        configure_structlog(logging.WARNING)
    else:
        logging.getLogger(OURS).setLevel(logging.INFO)
        _structlog_through_logging()


def json_lines() -> logging.Formatter:
    """Formats a record as one JSON object."""
    formatter: logging.Formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _exception_without_values,
            _only_known_fields,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    return formatter


def _structlog_through_logging() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _exception_without_values(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    told = event.pop("exc_info", None)
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["exception"] = without_values(error)
    return event


def _only_known_fields(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Ours as they are, nothing empty; of others' the fields that hold no message."""
    is_ours = str(event.get("logger", "")).split(".")[0] == OURS
    return {
        name: value
        for name, value in event.items()
        if value is not None and not name.startswith("_") and (is_ours or name in KEPT)
    }
