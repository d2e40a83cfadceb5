"""`make export-questions`: anonymised questions that were not understood, for the editors.

Text alone, in random order, each once: no conversation, no sender, no time. What raised an alarm
or spoke of distress stays in the database.
"""

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from components.safety.gate import SafetyGate, own_gate
from editorial.anonymise import Anonymiser
from editorial.project import ROOT
from editorial.training import read_training
from store.forgetting_store import ForgettingTrackerStore, StoreFailedError, store_from_endpoints

FILE = Path("results/questions.txt")
NOT_OURS = ("out_of_scope", "nlu_fallback")
# A longer one tells a story, and a story tells whose it is.
LONGEST = 200
SHORTEST = 8
NO_NAME_FROM = 3  # phrases
ROWS_AT_ONCE = 500
_WORD = re.compile(r"[^\W\d_]+(?:'\w+)?")
HEADING = """\
# Questions the guide did not understand, anonymised by a program, in random order.
# A program misses names and places: read each line before you keep it, and delete this file after.
"""


def questions(store: ForgettingTrackerStore, gate: SafetyGate, anonymise: Anonymiser) -> list[str]:
    """What people asked in vain, each once, shuffled."""
    asked = {anonymise(text) for text in not_understood(said_in(store), gate)}
    return random.SystemRandom().sample(sorted(asked), len(asked))


def not_understood(messages: Iterable[dict[str, Any]], gate: SafetyGate) -> Iterator[str]:
    """The texts of `messages` (user events) that had no sure answer and no sign of danger."""
    for message in messages:
        parsed, text = message.get("parse_data") or {}, " ".join(str(message["text"]).split())
        if not SHORTEST <= len(text) <= LONGEST or text.startswith("/"):
            continue
        if (parsed.get("safety") or {}).get("level") or _is_dangerous(gate, text):
            continue
        intent = str((parsed.get("intent") or {}).get("name"))
        unsure = bool((parsed.get("decision") or {}).get("unsure"))
        if intent in NOT_OURS or (unsure and not intent.startswith("report_")):
            yield text


def said_in(store: ForgettingTrackerStore) -> Iterator[dict[str, Any]]:
    """Every user event in the store; StoreFailedError where it cannot be read."""
    with store.session_scope() as session:
        query = session.query(store.SQLEvent.data).filter(store.SQLEvent.type_name == "user")
        for row in query.yield_per(ROWS_AT_ONCE):
            message = json.loads(row.data)
            if message.get("text"):
                yield message


def known_words(root: Path = ROOT) -> set[str]:
    """The words that several training phrases have; a name stands in one or two."""
    phrases = read_training(root).phrases
    counted = Counter(word for phrase in phrases for word in set(_words(phrase.text)))
    return {word for word, times in counted.items() if times >= NO_NAME_FROM}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _is_dangerous(gate: SafetyGate, text: str) -> bool:
    """Also what the gate has learnt since, and what was denied or only asked about."""
    found = gate.check(text)
    return found.level is not None or found.excused


def main() -> int:
    """Write the file; 1 when the store cannot be read."""
    try:
        lines = questions(store_from_endpoints(), own_gate(), Anonymiser(known_words()))
    except StoreFailedError as error:
        print(f"The conversations of endpoints.yml cannot be read ({error})", file=sys.stderr)
        return 1
    try:
        FILE.parent.mkdir(exist_ok=True)
        # For the operator's eyes alone.
        descriptor = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(HEADING + "".join(f"{line}\n" for line in lines))
    except OSError as error:
        print(f"{FILE} cannot be written ({error.strerror})", file=sys.stderr)
        return 1
    print(f"{len(lines)} questions are in {FILE}; read each before you keep it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
