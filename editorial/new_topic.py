"""Write the skeleton of a new topic."""

import re
from pathlib import Path

from editorial.paths import topic_path

SKELETON = Path(__file__).with_name("topic_skeleton.yml")
# The longest button payload, /ask_evidence{"topic":"…"}, leaves 39 of Telegram's 64 bytes.
MAX_ID = 39


class TopicRefused(Exception):
    """The topic cannot be created; the message says why."""


def write_topic(topic_id: str, root: Path) -> Path:
    """Write the skeleton of a topic below the repository `root`; gives the new file."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", topic_id) or len(topic_id) > MAX_ID:
        raise TopicRefused(
            f"'{topic_id}' is no topic id; use nouns_in_snake_case of at most {MAX_ID} characters"
        )
    file = root / topic_path(topic_id)
    if file.exists():
        raise TopicRefused(f"{topic_path(topic_id)} exists already; edit it or choose another id")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SKELETON.read_text(encoding="utf-8"), encoding="utf-8")
    return file


def next_steps(topic_id: str) -> str:
    """What the author does next."""
    return "\n".join(
        [
            f"Wrote {topic_path(topic_id)}. Now:",
            "  1. replace every TODO in it",
            f"  2. add a block `- intent: ask_{topic_id}` with 40 phrases to data/nlu.yml",
            f"  3. add `- ask_{topic_id}` to `intents:` in domain.yml",
            "  4. add held-out questions to evaluation/",
            "  5. run `make check`",
        ]
    )
