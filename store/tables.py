"""Tables that are there when they are needed, also after their database file has been lost."""

import contextlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, ExceptionContext

LOST = ("no such table", "UndefinedTable")  # SQLite, PostgreSQL
BUSY_MILLISECONDS = 1000  # a person waits meanwhile; the limit of an answer is some seconds


def keep_tables(engine: Engine, metadata: sa.MetaData) -> None:
    """Make the tables of `metadata` anew once a statement finds that one is gone.

    The statement fails all the same; the next one works.
    """

    @sa.event.listens_for(engine, "handle_error")
    def make_anew(context: ExceptionContext) -> None:
        error = context.original_exception
        if any(sign in f"{type(error).__name__}: {error}" for sign in LOST):
            with contextlib.suppress(Exception):  # the first error is the one to tell
                metadata.create_all(engine)


def tune_sqlite(engine: Engine) -> None:
    """SQLite alone: overwrite what is deleted, and do not wait long for a locked file."""
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
