"""Tables that are there when they are needed, also after their database file has been lost."""

import contextlib

import sqlalchemy as sa
from sqlalchemy.engine import Engine, ExceptionContext

LOST = ("no such table", "UndefinedTable")  # SQLite, PostgreSQL


def keep_tables(engine: Engine, metadata: sa.MetaData) -> None:
    """Make the tables of `metadata` anew once a statement finds that one is gone.

    The statement fails all the same; the next one works.
    """

    @sa.event.listens_for(engine, "handle_error")
    def make_anew(context: ExceptionContext) -> None:
        if is_lost(context.original_exception):
            with contextlib.suppress(Exception):  # the first error is the one to tell
                metadata.create_all(engine)


def is_lost(error: BaseException) -> bool:
    """Whether a statement failed because its table is gone."""
    return any(sign in f"{type(error).__name__}: {error}" for sign in LOST)
