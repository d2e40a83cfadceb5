"""Watches each message from its arrival at the assistant to its answer: counts it, and tells it
as one line of the log, without its words and without who wrote.
"""

import asyncio
import time
from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from components.decision import FALLBACK
from components.understanding.classifier import OUT_OF_SCOPE
from editorial.content import Content, load_content
from runtime import metrics
from store.forgetting_store import OvertakenError

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
    is_over: bool = True

    def understood(self, parsed: dict[str, Any]) -> None:
        """Take over what the assistant has made of the words; they themselves are left out."""
        self.intent = str((parsed.get("intent") or {}).get("name") or "")
        safety = parsed.get("safety") or {}
        self.level, self.flag = safety.get("level"), safety.get("flag")
        self.unsure = bool((parsed.get("decision") or {}).get("unsure"))

    @property
    def outcome(self) -> str:
        """One of `metrics.OUTCOMES`; a red flag that was found counts before all but a failure."""
        if self.failure or not self.intent:  # without an intent nobody has read it
            return metrics.FAILED
        if self.level:
            return metrics.RED_FLAG
        if self.unsure:
            return metrics.ASKED_BACK
        if self.intent in (OUT_OF_SCOPE, FALLBACK):
            return metrics.OUT_OF_SCOPE
        return metrics.UNDERSTOOD


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


def watch(agent: Agent) -> None:
    """Have every message that `agent` answers counted and told."""
    intents = frozenset([*agent.domain.intents, OUT_OF_SCOPE, FALLBACK])
    model = agent.processor.model_metadata
    flags = known_flags(load_content())
    metrics.begin(sorted(intents), flags, str(model.model_id), _utc(model.trained_at))
    handle, parse = agent.handle_message, agent.processor.parse_message

    async def handle_watched(message: UserMessage) -> Any:
        turn = Turn(_one_of(metrics.CHANNELS, message.input_channel))
        before = _turn.set(turn)
        try:
            return await handle(message)
        except OvertakenError:
            turn.is_over = False  # it is made anew, and counted then
            raise
        except asyncio.CancelledError:
            turn.failure = "time limit"
            raise
        except Exception as error:
            turn.failure = type(error).__name__
            raise
        finally:
            _turn.reset(before)
            if turn.is_over:
                ended(turn, message, intents)

    async def parse_watched(*args: Any, **kwargs: Any) -> dict[str, Any]:
        parsed: dict[str, Any] = await parse(*args, **kwargs)
        if turn := _turn.get():
            turn.understood(parsed)
        return parsed

    agent.handle_message = handle_watched
    agent.processor.parse_message = parse_watched


def ended(turn: Turn, message: UserMessage, intents: Collection[str]) -> None:
    """Count a turn, and tell it."""
    seconds = time.perf_counter() - turn.began
    intent = _one_of(intents, turn.intent)
    metrics.MESSAGES.labels(turn.channel, turn.outcome).inc()
    metrics.SECONDS.labels(turn.channel).observe(seconds)
    if turn.intent:
        metrics.INTENTS.labels(intent).inc()
    if turn.level:
        metrics.RED_FLAGS.labels(turn.level, turn.flag or metrics.CLASSIFIER_ALONE).inc()
    logger.info(
        "message",
        request_id=message.message_id,
        channel=turn.channel,
        sender=str(message.sender_id)[:SENDER_DIGITS],
        intent=intent if turn.intent else None,
        safety_level=turn.level,
        safety_flag=turn.flag,
        outcome=turn.outcome,
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
