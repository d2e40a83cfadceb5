"""The statements of a message, within one transaction.

SQLAlchemy runs them on a database server. On SQLite it took as long as the database itself, so
there they are handed to Python's own module, in words that SQLAlchemy has put once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from sqlite3 import Cursor, IntegrityError
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect, Engine

from store.database import is_server, lock_conversation

ROWS_AT_ONCE = 100  # SQLite takes some thousand values in a statement


class Statements(Protocol):
    """What a transaction can be asked for."""

    def lock(self, sender_id: str) -> None:
        """Let nobody else write to the conversation until the transaction ends."""

    def rows(self, statement: Any, **values: Any) -> Sequence[Sequence[Any]]:
        """What `statement` finds with these values of its parameters."""

    def add(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put `rows`, all with the same columns, at the end of `table`."""


@contextmanager
def transaction(engine: Engine) -> Iterator[Statements]:
    """Statements that count together when the block ends, or none of them."""
    if is_server(engine):
        with engine.begin() as connection:
            yield _OfServer(connection)
        return
    borrowed = engine.raw_connection()
    try:
        yield _OfSqlite(borrowed.cursor(), engine.dialect)
        borrowed.commit()
    except Exception as error:
        with suppress(Exception):  # the first error is the one to tell
            borrowed.rollback()
        if not isinstance(error, IntegrityError):
            engine.pool.dispose()  # as for what SQLAlchemy runs (store/sqlite.py)
        raise
    finally:
        borrowed.close()


class _OfServer:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, sender_id: str) -> None:
        lock_conversation(self._connection, sender_id)

    def rows(self, statement: Any, **values: Any) -> Sequence[Sequence[Any]]:
        found: Sequence[Sequence[Any]] = self._connection.execute(statement, values).all()
        return found

    def add(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        self._connection.execute(table.insert(), rows)


class _OfSqlite:
    def __init__(self, cursor: Cursor, dialect: Dialect) -> None:
        self._cursor = cursor
        self._dialect = dialect

    def lock(self, sender_id: str) -> None:
        """SQLite lets one write at a time anyway."""

    def rows(self, statement: Any, **values: Any) -> Sequence[Sequence[Any]]:
        words = _words(statement, self._dialect)
        return self._cursor.execute(words.text, words.in_order(values)).fetchall()

    def add(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        # In one go: Python lets other threads in before and after each row.
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            words = _words_to_add(table, tuple(some[0]), self._dialect)
            more = f", ({', '.join('?' * len(words.names))})" * (len(some) - 1)
            values = [value for row in some for value in words.in_order(row)]
            self._cursor.execute(words.text + more, values)


class _Words(NamedTuple):
    """A statement's text, the names of its parameters in order, and the values it brings itself."""

    text: str
    names: Sequence[str]
    own: Mapping[str, Any]

    def in_order(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[name] if name in values else self.own[name] for name in self.names]


# The guide's own statements and one table: a handful.
@lru_cache
def _words(statement: Any, dialect: Dialect) -> _Words:
    compiled = statement.compile(dialect=dialect)
    return _Words(str(compiled), compiled.positiontup, compiled.params)


@lru_cache
def _words_to_add(table: sa.Table, columns: tuple[str, ...], dialect: Dialect) -> _Words:
    compiled = table.insert().compile(dialect=dialect, column_keys=list(columns))
    return _Words(str(compiled), compiled.positiontup, {})
