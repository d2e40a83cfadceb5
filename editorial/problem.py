"""One thing that is wrong with the content or the training data, and how to mend it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Problem:
    """`path` may end in `:line`; a notice informs, an error fails the check."""

    path: str
    what: str
    remedy: str
    level: Literal["error", "notice"] = "error"

    def __str__(self) -> str:
        mark = "notice: " if self.level == "notice" else ""
        return f"{self.path}: {mark}{self.what}; {self.remedy}"
