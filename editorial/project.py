"""Everything the checks look at, read once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from editorial.content import read_content
from editorial.models import Content
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
    today: date = field(default_factory=date.today)

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
    return Project(content, training, unreadable + training.problems, today or date.today())
