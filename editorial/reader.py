"""Read content files into models and gather what is wrong with them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from editorial.models import Model, SafetyFlag
from editorial.paths import flag_path
from editorial.problem import Problem
from editorial.yaml_reader import UnreadableFile, read_yaml

M = TypeVar("M", bound=Model)

_FILES = frozenset(
    {
        "phone_numbers.yml",
        "sources.yml",
        "out_of_scope.yml",
        "near_scope.yml",
        "disclaimers.yml",
        "service.yml",
        "evidence.yml",
        "faq.yml",
        "telegram.yml",
        "tour.yml",
    }
)
_FOLDERS = frozenset({"topics", "safety", "deflections"})


class ContentReader:
    """Reads files of one content folder and gathers what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def folder(
        self, name: str, model: type[M], id_field: str | None = None
    ) -> Iterator[tuple[str, M]]:
        """Each file of a folder by its name; `id_field` takes the name into the model."""
        files = sorted((self.root / name).glob("*.yml"))
        if not files:
            self.problems.append(
                Problem(f"content/{name}", "has no .yml file", "write at least one")
            )
        for file in files:
            named = {id_field: file.stem} if id_field else {}
            item = self._model(model, self._yaml(f"{name}/{file.name}"), file, named=named)
            if item is not None:
                yield file.stem, item

    def flags(self) -> Iterator[tuple[str, SafetyFlag]]:
        """The safety flags, each of which must stand in the file named after it."""
        for stem, flag in self.folder("safety", SafetyFlag):
            if flag_path(flag.flag) == f"content/safety/{stem}.yml":
                yield stem, flag
            else:
                what = f"holds the flag {flag.flag}"
                remedy = f"rename it to {flag_path(flag.flag)}, or mend `flag`"
                self.problems.append(Problem(f"content/safety/{stem}.yml", what, remedy))

    def table(self, name: str, model: type[M]) -> Iterator[tuple[str, M]]:
        """Each entry of a file that maps keys to entries."""
        read = self._yaml(name)
        if read is not None and not isinstance(read, dict):
            self._wrong(name, "must map keys to entries")
            return
        for key, raw in (read or {}).items():
            item = self._model(model, raw, self.root / name, within=str(key))
            if item is not None:
                yield str(key), item

    def single(self, name: str, model: type[M]) -> M | None:
        """The one thing a file holds."""
        return self._model(model, self._yaml(name), self.root / name)

    def strangers(self) -> Iterator[Problem]:
        """Files that nothing reads: most often a misspelt name."""
        for path in sorted(self.root.rglob("*.y*ml")):
            part = path.relative_to(self.root)
            known = (
                str(part) in _FILES
                if len(part.parts) == 1
                else (len(part.parts) == 2 and part.parts[0] in _FOLDERS and path.suffix == ".yml")
            )
            if not known:
                yield Problem(f"content/{part}", "is read by nothing", "mend its name or remove it")

    def _yaml(self, name: str) -> Any:
        try:
            read = read_yaml(self.root / name, f"content/{name}")
        except UnreadableFile as error:
            self.problems.append(error.problem)
            return None
        if read is None:
            self._wrong(name, "is empty")
        return read

    def _wrong(self, name: str, what: str) -> None:
        self.problems.append(Problem(f"content/{name}", what, "write it as CONTRIBUTING.md shows"))

    def _model(
        self,
        model: type[M],
        raw: Any,
        file: Path,
        within: str = "",
        named: Mapping[str, str] | None = None,
    ) -> M | None:
        """The model of `raw`, or None with the problems noted."""
        if raw is None and not within:
            return None
        path = f"content/{file.relative_to(self.root)}"
        if not isinstance(raw, dict):
            what = f"`{within}` must hold fields" if within else "must hold fields"
            self.problems.append(Problem(path, what, "write it as `field: value` lines"))
            return None
        try:
            return model.parse_obj({**raw, **(named or {})})
        except ValidationError as error:
            self.problems += [_explain(path, within, part) for part in _telling(error)]
            return None


def _telling(error: ValidationError) -> Iterator[dict[str, Any]]:
    """The errors of a model, without those that only say "nor is it `pending`"."""
    errors: list[dict[str, Any]] = [dict(part) for part in error.errors()]
    deeper = {part["loc"][:1] for part in errors if len(part["loc"]) > 1}
    for part in errors:
        if not (part["type"] == "value_error.const" and part["loc"] in deeper):
            yield part


def _explain(path: str, within: str, error: dict[str, Any]) -> Problem:
    """One schema error in plain words."""
    parts = [part for part in (within, *error["loc"]) if part not in ("", "__root__", "__key__")]
    name = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in parts)
    what, remedy = _plain_words(error)
    return Problem(path, f"`{name}` {what}" if name else what, remedy)


# What pydantic's kinds of error mean to a writer, and what mends them.
_PLAIN_WORDS = {
    "value_error.missing": ("is missing", "add it"),
    "type_error.none.not_allowed": ("is missing", "add it"),
    "value_error.extra": ("is not a known field", "mend its spelling or remove it"),
    "type_error.str": ("must be text", "put it in quotes"),
    "value_error.any_str.min_length": ("is empty", "write it"),
    "value_error.list.min_items": ("has no entry", "add one"),
    "value_error.date": ("is not a date", "write it as 2026-11-30"),
}


def _plain_words(error: dict[str, Any]) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _PLAIN_WORDS:
        return _PLAIN_WORDS[kind]
    if kind == "value_error.const":
        permitted = ", ".join(map(str, context["permitted"]))
        return f"is {context['given']!r}", f"use one of: {permitted}"
    if kind == "value_error.list.max_items":
        return f"has more than {context['limit_value']} entries", "keep the best ones"
    return error["msg"], "write it as CONTRIBUTING.md shows"
