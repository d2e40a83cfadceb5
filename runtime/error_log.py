"""Errors in the log without what people wrote: an exception's text may quote it."""

import logging
import traceback
from types import TracebackType

FORMAT = "%(levelname)s %(name)s: %(message)s"


class WithoutValues(logging.Formatter):
    """Formats a record's exception as kinds and places, never as its text."""

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return without_values(ei[1]) if ei[1] is not None else ""


def without_values(error: BaseException) -> str:
    """`error` and its causes as class names and places."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    places = "".join(traceback.format_tb(error.__traceback__))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{kind}\n{places}" + (f"because of {without_values(cause)}" if cause else "")
