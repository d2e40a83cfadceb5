"""Watches each message from its arrival at the assistant to its answer: counts it, and tells it
as one line of the log, without its words and without who wrote.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from components.decision import FALLBACK
from components.intent_classifier import IntentClassifier
from components.understanding.ahead import rank_ahead
from components.understanding.classifier import OUT_OF_SCOPE
from editorial.content import Content, load_content
from runtime import metrics
from store.forgetting_store import OvertakenError, StoreFailedError

# Of the pseudonym: enough to see which lines are of one conversation.
SENDER_DIGITS = 8

logger = structlog.get_logger("guide.message")


@dataclass
class Turn:
    """What is known of a message while it is answered."""

    channel: str
    began: float = field(default_factory=time.perf_counter)
    intent: str = ""
    level: str | None = None
    flag: str | None = None
    unsure: bool = False
    failure: str = ""
    is_asked: bool = False  # the assistant, that is: a message sent again has its answer already
    is_kept: bool = True
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    def understood(self, parsed: dict[str, Any], intents: Collection[str]) -> None:
        """Take over what the assistant has made of the words; they themselves are left out."""
        intent = str((parsed.get("intent") or {}).get("name") or "")
        self.intent = intent and _one_of(intents, intent)
        safety = parsed.get("safety") or {}
        self.level, self.flag = safety.get("level"), safety.get("flag")
        self.unsure = bool((parsed.get("decision") or {}).get("unsure"))

    @property
    def outcome(self) -> str:
        """One of `metrics.OUTCOMES`; a red flag that was found counts before all but a failure."""
        has_failed = self.failure and self.is_kept  # else there was an answer to be kept
        if has_failed or not self.intent:  # without an intent nobody has read it
            return metrics.FAILED
        if self.level:
            return metrics.RED_FLAG
        if self.unsure:
            return metrics.ASKED_BACK
        if self.intent in (OUT_OF_SCOPE, FALLBACK):
            return metrics.OUT_OF_SCOPE
        return metrics.UNDERSTOOD


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def one_turn(message: UserMessage) -> Iterator[Turn]:
    """The turn that answers `message`; it is counted and told when the block ends.

    Within another turn it is one more try of that: what is tried several times is one turn, which
    is what its last try was.
    """
    if outer := _turn.get():
        outer.afterwards.clear()
        try:
            yield outer
        except OvertakenError:
            outer.afterwards.clear()  # another replica may have answered this very message
            raise
        return
    turn = Turn(_one_of(metrics.CHANNELS, message.input_channel))
    before = _turn.set(turn)
    try:
        yield turn
        turn.is_kept = True
    except asyncio.CancelledError:
        turn.failure = "time limit"
        raise
    except Exception as error:
        turn.failure = type(error).__name__
        raise
    finally:
        _turn.reset(before)
        if turn.is_asked:
            ended(turn, message)
    for work in turn.afterwards:
        work()


def when_kept(work: Callable[[], None]) -> None:
    """Do `work` once the turn under way is kept, however often it is tried; outside one, now."""
    if turn := _turn.get():
        turn.afterwards.append(work)
    else:
        work()


def watch(agent: Agent) -> None:
    """Have every message that `agent` answers counted and told."""
    intents = frozenset([*agent.domain.intents, OUT_OF_SCOPE, FALLBACK])
    model = agent.processor.model_metadata
    flags = known_flags(load_content())
    metrics.begin(sorted(intents), flags, str(model.model_id), _utc(model.trained_at))
    handle, parse = agent.handle_message, agent.processor.parse_message

    async def handle_watched(message: UserMessage) -> Any:
        with one_turn(message) as turn:
            turn.is_asked = True
            try:
                return await handle(message)
            except StoreFailedError:
                turn.is_kept = False  # Rasa keeps a turn last, when all has been said
                raise

    async def parse_watched(*args: Any, **kwargs: Any) -> dict[str, Any]:
        parsed: dict[str, Any] = await parse(*args, **kwargs)
        if turn := _turn.get():
            turn.understood(parsed, intents)
        return parsed

    agent.handle_message = handle_watched
    agent.processor.parse_message = parse_watched


def understand_ahead(agent: Agent) -> None:
    """Have every message encoded and ranked before Rasa begins with it."""
    handle = agent.handle_message
    classifier = agent.processor.graph_runner.component(IntentClassifier)
    model = classifier and classifier.model

    async def handle_understood(message: UserMessage) -> Any:
        await rank_ahead(message.text or "", model)
        return await handle(message)

    agent.handle_message = handle_understood


def ended(turn: Turn, message: UserMessage) -> None:
    """Count a turn, and tell it."""
    seconds = time.perf_counter() - turn.began
    metrics.MESSAGES.labels(turn.channel, turn.outcome).inc()
    metrics.SECONDS.labels(turn.channel).observe(seconds)
    if turn.intent:
        metrics.INTENTS.labels(turn.intent).inc()
    if turn.level:
        metrics.RED_FLAGS.labels(turn.level, turn.flag or metrics.CLASSIFIER_ALONE).inc()
    logger.info(
        "message",
        request_id=message.message_id,
        channel=turn.channel,
        sender=str(message.sender_id)[:SENDER_DIGITS],
        intent=turn.intent or None,
        safety_level=turn.level,
        safety_flag=turn.flag,
        outcome=turn.outcome,
        kept=None if turn.is_kept else False,
        failure=turn.failure or None,
        milliseconds=round(seconds * 1000, 1),
    )


def known_flags(content: Content) -> list[tuple[str, str]]:
    """Level and flag of every red flag that has a reply, and the alarms of the classifier alone."""
    flags = [(level, flag.flag) for flag in content.flags.values() for level in flag.replies]
    return [*flags, ("E", metrics.CLASSIFIER_ALONE)]


def _one_of(known: Collection[str], name: str) -> str:
    return name if name in known else metrics.OTHER


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
