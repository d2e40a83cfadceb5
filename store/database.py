"""The database that conversations, inbox and counts share: how it is reached, and its tables.

SQLite is a file of this machine. A database server may hang, restart or be shared by several
replicas, and most of what stands here is for that.
"""

import time
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import create_engine_kwargs
from sqlalchemy.engine import Connection, Engine

from store.sqlite import POOL, tune_sqlite

# Short enough that an emergency is answered within its 8 seconds while the server hangs: a message
# asks it three times. Who asks again within REST_SECONDS need not wait once more.
CONNECT_SECONDS = 2
PATIENCE_SECONDS = 2.0
REST_SECONDS = 1.0
# So long the server itself works on, or waits for, a statement nobody may wait for any more.
STATEMENT_MILLISECONDS = 5000

SERVER_OPTIONS = (
    f"-cstatement_timeout={STATEMENT_MILLISECONDS} "
    f"-cidle_in_transaction_session_timeout={2 * STATEMENT_MILLISECONDS}"
)
# A server that vanished without a word is noticed in seconds, not in the system's hours.
LIVELINESS = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": 1000 * CONNECT_SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
# Keys of PostgreSQL's advisory locks are numbers of one space for all; a conversation's is a hash.
TABLES_LOCK = 7_146_200_001


def engine_for(url: Any) -> Engine:
    """The engine for `url`, without connecting; one of a server tests a connection before use."""
    settings = create_engine_kwargs(url)  # the pool's size and schema, as Rasa's manual says
    kind = sa.engine.make_url(url).get_backend_name()
    if kind == "sqlite":
        settings |= POOL
    if kind == "postgresql":
        given = settings.get("connect_args", {}).get("options", "")
        arguments = {**LIVELINESS, "options": f"{given} {SERVER_OPTIONS}".strip()}
        settings |= {"connect_args": arguments, "pool_pre_ping": True}
        settings["pool_timeout"] = CONNECT_SECONDS
    engine = sa.create_engine(url, **settings)
    tune_sqlite(engine)
    return engine


def is_server(engine: Engine) -> bool:
    """Whether others share the database, and a call may take long."""
    return bool(engine.dialect.name != "sqlite")


def make_tables(engine: Engine, *tables: sa.Table) -> None:
    """Make what is missing of `tables` and their indexes; of several replicas one at a time."""
    with engine.begin() as connection:
        if _is_postgresql(connection):
            _lock(connection, TABLES_LOCK)
        for table in tables:
            table.create(connection, checkfirst=True)
            for index in table.indexes:
                index.create(connection, checkfirst=True)


def lock_conversation(connection: Connection, sender_id: str) -> None:
    """Let nobody else write to the conversation until the transaction ends.

    SQLite lets one write at a time anyway.
    """
    if _is_postgresql(connection):
        _lock(connection, sa.func.hashtextextended(sender_id, 0))


def now(connection: Connection) -> Any:
    """The time for a statement, in seconds since 1970: of replicas' clocks none is right."""
    if _is_postgresql(connection):
        return sa.extract("epoch", sa.func.clock_timestamp())
    return time.time()


def _lock(connection: Connection, key: Any) -> None:
    connection.execute(sa.select([sa.func.pg_advisory_xact_lock(key)]))


def _is_postgresql(connection: Connection) -> bool:
    return bool(connection.dialect.name == "postgresql")
