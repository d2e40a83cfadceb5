"""Breaks the running guide from inside, in the way a file names; a test writes the file."""

import time
from pathlib import Path
from typing import Any

from rasa_sdk.executor import ActionExecutor

import runtime.launcher
from components.intent_classifier import IntentClassifier
from components.safety_gate import SafetyGateComponent
from components.understanding.encoder import SentenceEncoder

SLOW_SECONDS = 10.0


def start(folder: Path) -> None:
    """Run the launcher in `folder`; what stands in `folder`/fault goes wrong."""
    _break(ActionExecutor, "run", folder / "fault")
    _break(SentenceEncoder, "encode", folder / "fault")
    _break(IntentClassifier, "process", folder / "fault")
    _break(SafetyGateComponent, "process", folder / "fault")
    runtime.launcher.PROJECT = folder
    runtime.launcher.main()


def _break(owner: type, method: str, fault: Path) -> None:
    whole = getattr(owner, method)
    name = f"{owner.__name__}.{method}"

    def broken(self: Any, *arguments: Any, **named: Any) -> Any:
        wanted = fault.read_text(encoding="utf-8") if fault.exists() else ""
        if wanted == f"{name} raises":
            raise RuntimeError("broken by a test")
        if wanted == f"{name} is slow":
            time.sleep(SLOW_SECONDS)
        return whole(self, *arguments, **named)

    setattr(owner, method, broken)
