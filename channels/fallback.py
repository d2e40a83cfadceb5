"""What a channel says by itself when the assistant fails: emergencies first, as ever."""

import logging
import re
from typing import Any

from components.payload import is_payload
from components.safety.gate import Finding, SafetyGate
from editorial import replies
from editorial.content import Content
from editorial.replies import Reply
from runtime.error_log import without_values

logger = logging.getLogger(__name__)

Item = dict[str, Any]

# At level G the words only change how a topic is answered, and no topic can be answered now.
ANSWERED = ("E", "C", "S")
_NUMBER = re.compile(r"\{(\w+)\}")


class Fallback:
    """Needs the typed words alone: no model, no store, no action; all it says was read before."""

    def __init__(self, content: Content, gate: SafetyGate) -> None:
        self._content = content
        self._gate = gate
        self._sorry = _sorry(content)
        said = content.fill(content.service["without_memory"][0])
        self._without_memory = Reply(said, custom={"kind": "service"})

    def items(self, message: str) -> list[Item]:
        """The reply to the red flag in `message`, an item a bubble; without one, that we are sorry.

        Never empty, and raises nothing.
        """
        return [_item(reply) for reply in self._flagged(message) or [self._sorry]]

    def without_memory(self) -> Item:
        """Said before an answer that was found without the conversation it belongs to."""
        return _item(self._without_memory)

    def is_urgent(self, message: str) -> bool:
        """Whether `message` has a red flag that must be answered today."""
        return bool(self._flagged(message))

    def _flagged(self, message: str) -> list[Reply]:
        try:
            found = Finding() if is_payload(message) else self._gate.check(message)
            if found.level in ANSWERED:
                return replies.safety(self._content, found.level, found.flag)
        except Exception as error:  # nothing stands behind us
            logger.error("The safety gate failed: %s", without_values(error))
        return []


def is_safety(item: Item) -> bool:
    """Whether the item is a reply to a red flag."""
    custom = item.get("custom")
    return isinstance(custom, dict) and custom.get("kind") == "safety"


def _sorry(content: Content) -> Reply:
    text = content.service["something_broke"][0]
    named = [key for key in _NUMBER.findall(text) if key in content.numbers]
    custom = {"kind": "service", "contacts": replies.contacts(content, named)}
    return Reply(content.fill(text), custom=custom)


def _item(reply: Reply) -> Item:
    return {"text": reply.text, "custom": reply.custom}
