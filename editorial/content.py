"""Load the reviewed content: everything the guide may say."""

from pathlib import Path

from editorial.models import (
    NO_DISCLAIMERS,
    NO_FAQ,
    NO_KINDS,
    NO_TELEGRAM,
    NO_TOUR,
    Content,
    Deflection,
    Disclaimers,
    EvidenceRating,
    Faq,
    OutOfScope,
    OutOfScopeKind,
    PhoneNumber,
    SafetyFlag,
    SafetyReply,
    ServiceText,
    Source,
    TelegramWording,
    Topic,
    Tour,
)
from editorial.passages import unknown_numbers
from editorial.problem import Problem
from editorial.reader import ContentReader

__all__ = [
    "CONTENT_DIR",
    "Content",
    "ContentError",
    "Deflection",
    "Disclaimers",
    "EvidenceRating",
    "OutOfScope",
    "OutOfScopeKind",
    "PhoneNumber",
    "SafetyFlag",
    "SafetyReply",
    "Source",
    "Topic",
    "Tour",
    "load_content",
    "read_content",
]

CONTENT_DIR = Path(__file__).resolve().parent.parent / "content"


class ContentError(Exception):
    """The content cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def load_content(root: Path = CONTENT_DIR) -> Content:
    """The content below `root`; raises ContentError when any file of it is broken."""
    content, problems = read_content(root)
    # A broken number file would make every text look wrong.
    problems = problems or sorted(unknown_numbers(content))
    if problems:
        raise ContentError(problems)
    return content


def read_content(root: Path) -> tuple[Content, list[Problem]]:
    """What can be read below `root`, and what is wrong with the rest."""
    reader = ContentReader(root)
    content = Content(
        topics=dict(reader.folder("topics", Topic, id_field="id")),
        flags={flag.flag: flag for _, flag in reader.flags()},
        numbers=dict(reader.table("phone_numbers.yml", PhoneNumber)),
        sources=dict(reader.table("sources.yml", Source)),
        deflections=dict(reader.folder("deflections", Deflection)),
        out_of_scope=reader.single("out_of_scope.yml", OutOfScope) or NO_KINDS,
        near_scope=reader.single("near_scope.yml", OutOfScope) or NO_KINDS,
        disclaimers=reader.single("disclaimers.yml", Disclaimers) or NO_DISCLAIMERS,
        service={key: text.texts for key, text in reader.table("service.yml", ServiceText)},
        evidence=dict(reader.table("evidence.yml", EvidenceRating)),
        faq=reader.single("faq.yml", Faq) or NO_FAQ,
        telegram=reader.single("telegram.yml", TelegramWording) or NO_TELEGRAM,
        tour=reader.single("tour.yml", Tour) or NO_TOUR,
    )
    return content, sorted(reader.problems + list(reader.strangers()))
