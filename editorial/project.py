"""Everything the checks look at, read once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from editorial.content import read_content
from editorial.models import PLACEHOLDER, Content
from editorial.passages import Passage, passages
from editorial.problem import Problem
from editorial.training import Training, read_training

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Project:
    """The content, the training data, and the day on which they are checked."""

    content: Content
    training: Training = field(default_factory=Training)
    unreadable: list[Problem] = field(default_factory=list)
    topic_files: frozenset[str] = frozenset()
    today: date = field(default_factory=date.today)

    def is_sound(self, path: str) -> bool:
        """Whether a file was read whole; what depends on a broken one need not be reported."""
        return not any(problem.path.split(":")[0] == path for problem in self.unreadable)

    def topics_in_use(self) -> frozenset[str]:
        """The ids of all topics but the retired ones; a broken file still counts as a topic."""
        retired = {t.id for t in self.content.topics.values() if t.status == "retired"}
        return self.topic_files - retired

    def reading_text(self, text: str) -> str:
        """A text as it is read: number keys filled in, other keys left as a word."""
        numbers = self.content.numbers
        return PLACEHOLDER.sub(
            lambda key: numbers[key[1]].display if key[1] in numbers else key[1], text
        )

    def passages(self) -> Iterator[Passage]:
        """Every text a person may read, those of the domain included."""
        yield from passages(self.content)
        for name, texts in self.training.responses.items():
            for number, text in enumerate(texts, 1):
                where = name if len(texts) == 1 else f"{name}.{number}"
                yield Passage("domain.yml", where, "responses", text)


def read_project(root: Path = ROOT, today: date | None = None) -> Project:
    """The project at `root`; what cannot be read is noted, not raised."""
    content, unreadable = read_content(root / "content")
    training = read_training(root)
    return Project(
        content=content,
        training=training,
        unreadable=unreadable + training.problems,
        topic_files=frozenset(file.stem for file in (root / "content/topics").glob("*.yml")),
        today=today or date.today(),
    )
