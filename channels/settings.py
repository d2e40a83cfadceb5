"""What an operator sets in credentials.yml, checked when the server starts."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError


class SettingError(Exception):
    """A setting that cannot work; the text is one line: which one, why, and the remedy."""


class Settings(BaseModel):
    """Settings of a channel; a name that is not among them is an error, not ignored."""

    class Config:
        extra = "forbid"
        allow_mutation = False


Kind = TypeVar("Kind", bound=Settings)


def read_settings[Kind: Settings](
    kind: type[Kind], channel: str, given: dict[str, Any] | None
) -> Kind:
    """`given`, the channel's block of credentials.yml, as a `kind`; raises SettingError."""
    try:
        return kind(**(given or {}))
    except (ValidationError, TypeError) as error:
        raise SettingError(f"credentials.yml, {channel}: {_told(error)}") from None


def _told(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "write one setting a line, as `name: value`"
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()
    )
