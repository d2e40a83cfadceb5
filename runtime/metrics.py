"""What the server counts for Prometheus: sums and times, never words and never people.

Every label has a fixed set of values, so that nothing anybody types can make a new series. The
counts are this process's own; with several replicas each is asked, and Prometheus adds them up.
(Several workers behind one port, which the guide does not have, would need the library's
multi-process mode.)
"""

import logging
import tomllib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

PROJECT = Path(__file__).resolve().parent.parent
OTHER = "other"
CHANNELS = ("rest", "telegram")
UNDERSTOOD, ASKED_BACK, OUT_OF_SCOPE = "understood", "asked_back", "out_of_scope"
RED_FLAG, FAILED = "red_flag", "failed"
OUTCOMES = (UNDERSTOOD, ASKED_BACK, OUT_OF_SCOPE, RED_FLAG, FAILED)
REFUSALS = ("400", "413", "429", "503")
TOUR_EVENTS = ("started", "reached", "left", "resumed", "finished")
CLASSIFIER_ALONE = "none"  # the flag of an alarm that no pattern has named
# Where an error was logged, by the first letters of the logger's name; first match wins.
PARTS = {
    "rasa.core.tracker_store": "store",
    "rasa.core.lock_store": "store",
    "store.forgetting_store": "store",
    "store.tour_counts": "store",
    "channels.telegram": "telegram",
    "channels": "website",
    "rasa": "conversation",
    "sanic": "server",
}

disable_created_metrics()  # a second series for each counter, which nobody looks at
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

BUILD = Info("guide_build", "Which guide this is, and its model.", registry=REGISTRY)
TRAINED = Gauge(
    "guide_model_trained_timestamp_seconds", "When the model was trained.", registry=REGISTRY
)
READY = Gauge(
    "guide_ready", "1 when a model is loaded and the store answers, as /health.", registry=REGISTRY
)
MESSAGES = Counter(
    "guide_messages",
    "Messages by what came of them; failed ones got no answer of the assistant.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "guide_message_seconds",
    "From a message's arrival at the assistant to its answer, waiting for its turn included.",
    ["channel"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 4, 8, 16, 30),
    registry=REGISTRY,
)
INTENTS = Counter("guide_intents", "Messages by intent.", ["intent"], registry=REGISTRY)
RED_FLAGS = Counter(
    "guide_red_flags",
    "Red flags by level (E emergency, C crisis, S same day, G GP soon) and flag; "
    "flag none: the classifier alone.",
    ["level", "flag"],
    registry=REGISTRY,
)
SORRY = Counter(
    "guide_sorry_answers",
    "Answers that said that something had broken.",
    ["channel"],
    registry=REGISTRY,
)
UNKEPT = Counter(
    "guide_unkept_answers",
    "Answers that were given and could not be kept in the conversation.",
    ["channel"],
    registry=REGISTRY,
)
REFUSED = Counter(
    "guide_refused_requests",
    "Requests to the website's channel that were refused, by status; 429: too many.",
    ["status"],
    registry=REGISTRY,
)
ERRORS = Counter(
    "guide_errors", "Errors in the log, by the part they come from.", ["part"], registry=REGISTRY
)
WAITING = Gauge(
    "guide_telegram_waiting", "Updates accepted and not answered yet.", registry=REGISTRY
)
WAITING_SECONDS = Gauge(
    "guide_telegram_waiting_seconds", "How long the oldest of them has waited.", registry=REGISTRY
)
TOUR = Counter("guide_tour_events", "Events of the guided tour.", ["what"], registry=REGISTRY)


class ErrorCounter(logging.Handler):
    """Counts what is logged as an error, whoever logs it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        ERRORS.labels(part_of(record.name)).inc()


def part_of(logger: str) -> str:
    """The part of the guide that a logger's name stands for."""
    return next((part for start, part in PARTS.items() if logger.startswith(start)), OTHER)


def begin(
    intents: Iterable[str], flags: Iterable[tuple[str, str]], model: str, trained: datetime
) -> None:
    """Have every series stand at 0, for a rise from nothing to one is seen only then."""
    for channel in CHANNELS:
        SECONDS.labels(channel)
        SORRY.labels(channel)
        UNKEPT.labels(channel)
        for outcome in OUTCOMES:
            MESSAGES.labels(channel, outcome)
    for intent in (*intents, OTHER):
        INTENTS.labels(intent)
    for level, flag in flags:
        RED_FLAGS.labels(level, flag)
    for status in REFUSALS:
        REFUSED.labels(status)
    for part in (*PARTS.values(), OTHER):
        ERRORS.labels(part)
    for what in TOUR_EVENTS:
        TOUR.labels(what)
    BUILD.info({"version": version(), "model": model})
    TRAINED.set(trained.timestamp())


def page() -> bytes:
    """All that has been counted, in Prometheus's text format."""
    return generate_latest(REGISTRY)


@lru_cache(maxsize=1)
def version() -> str:
    """The guide's version, as pyproject.toml has it."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])
