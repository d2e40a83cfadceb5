"""Read one YAML file strictly: no key twice, and `on` stays the word it is."""

from pathlib import Path
from typing import Any

import yaml

from editorial.problem import Problem

_BOOLEAN = "tag:yaml.org,2002:bool"


class UnreadableFile(Exception):
    """A file that is missing or is not valid YAML; carries the problem to show."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


# The C parser reads the whole content ten times faster; it is not built everywhere.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Base):  # type: ignore[misc]
    """PyYAML keeps the last of two equal keys and reads `on:` as true; this does neither."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of `node`; a key that occurs twice is an error."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # refused by PyYAML itself
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key.value}' stands here twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOLEAN or first in "tTfF"]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path, shown: str) -> Any:
    """What the file at `path` holds; `shown` is how messages name it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnreadableFile(Problem(shown, "is missing", "write it")) from None
    except (OSError, UnicodeDecodeError) as error:
        remedy = "make it a readable file of UTF-8 text"
        raise UnreadableFile(Problem(shown, f"cannot be read ({error})", remedy)) from error
    try:
        return yaml.load(text, _StrictLoader)
    except yaml.YAMLError as error:
        raise UnreadableFile(_not_yaml(error, shown)) from error


def _not_yaml(error: yaml.YAMLError, shown: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    place = f"{shown}:{mark.line + 1}" if mark else shown
    said = getattr(error, "problem", None) or str(error)
    said = " ".join(str(said).split())
    remedy = "look at this line and the one above for quotes, colons, tabs and indents"
    return Problem(place, f"is not valid YAML ({said})", remedy)
