"""Asks the trained model, the way the server does, what it makes of a message."""

import asyncio
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluation.metrics import Finding

FALLBACK = "nlu_fallback"


class NoModel(Exception):
    """There is nothing to measure."""


def newest_model(folder: Path) -> Path:
    """The model file trained last; raises NoModel."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise NoModel("There is no model yet; run `make train` first")
    return models[-1]


def findings(model: Path, texts: Sequence[str]) -> list[Finding]:
    """What the model makes of each text, in the same order."""
    silence_libraries()
    return asyncio.run(_parse_all(model, texts))


def as_finding(parsed: dict[str, Any]) -> Finding:
    """A finding from Rasa's parse result."""
    intent = parsed.get("intent") or {}
    safety = parsed.get("safety") or {}
    decision = parsed.get("decision") or {}
    return Finding(
        intent=intent.get("name") or FALLBACK,
        confidence=float(intent.get("confidence") or 0.0),
        level=safety.get("level"),
        flag=safety.get("flag"),
        unsure=bool(decision.get("unsure")),
        candidates=tuple(decision.get("candidates") or ()),
        scores=dict(decision.get("scores") or {}),
    )


def silence_libraries() -> None:
    """Rasa would log every message."""
    from rasa.utils.log_utils import configure_structlog

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    configure_structlog(logging.ERROR)


async def _parse_all(model: Path, texts: Sequence[str]) -> list[Finding]:
    from rasa.core.agent import load_agent

    agent = await load_agent(str(model))
    return [as_finding(await agent.parse_message(text)) for text in texts]
