"""The SQLite file: how it is opened and kept open, and how what is deleted leaves it for good."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

BUSY_MILLISECONDS = 1000  # a person waits meanwhile; the limit of an answer is some seconds

# Connections stay open: to open the file and set it up took a sixth of a message's time.
POOL = {"poolclass": QueuePool, "connect_args": {"check_same_thread": False}}
# With a write-ahead log a commit need not wait for the disk. When the power fails, the messages of
# the last moment may be lost, but not the file; when the process is killed, nothing is.
PRAGMAS = (
    "PRAGMA secure_delete = ON",
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA wal_autocheckpoint = 200",  # pages: so much of the log is waiting for the file at most
)
LOG_ENDINGS = ("-wal", "-shm")


def tune_sqlite(engine: Engine) -> None:
    """SQLite alone: overwrite what is deleted, do not wait long for a locked file, and open the
    file anew when another has taken its place.
    """
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        sa.event.listen(engine, "connect", partial(_set_up, file))
        sa.event.listen(engine, "checkout", partial(_require_same, file, engine))
        sa.event.listen(engine, "handle_error", partial(_forget_connections, engine))


def erase_deleted(engine: Engine) -> None:
    """Take what was deleted out of SQLite's log as well, where the words would stay for a while."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _set_up(file: Path, connection: Any, record: Any) -> None:
    for pragma in PRAGMAS:
        connection.execute(pragma)
    record.info["file"] = _identity(file)


def _require_same(file: Path, engine: Engine, _: Any, record: Any, __: Any) -> None:
    """Or what is written would go to a file without a name, and be lost with the process."""
    if record.info["file"] != _identity(file):
        engine.pool.dispose()
        for ending in LOG_ENDINGS:  # they belong to the file that is gone
            file.with_name(file.name + ending).unlink(missing_ok=True)
        raise DisconnectionError("another file has taken the place of the database")


def _forget_connections(engine: Engine, context: ExceptionContext) -> None:
    """What an open connection remembers of a damaged file may hide the damage, or outlast it."""
    if not isinstance(context.original_exception, sqlite3.IntegrityError):
        engine.pool.dispose()


def _identity(file: Path) -> tuple[int, int] | None:
    """What tells the file from another at the same place; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
