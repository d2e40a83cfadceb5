"""Of several processes with one database exactly one polls Telegram and answers the inbox."""

import os
import platform
import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from store.database import make_tables, now
from store.tables import keep_tables
from store.telegram_tables import lease, metadata

LEASE_SECONDS = 15.0
NAME = "telegram"


class Lease:
    """One row that a process holds for some seconds at a time. Its methods block."""

    def __init__(self, engine: Engine, seconds: float = LEASE_SECONDS) -> None:
        self.engine = engine
        self.seconds = seconds
        # Up to 36 characters; an operator sees in the table who it is.
        self.holder = f"{platform.node()[:20]}-{os.getpid()}-{secrets.token_hex(3)}"
        keep_tables(engine, metadata)

    def make_tables(self) -> None:
        """To be called once before anything else."""
        make_tables(self.engine, lease)

    def take(self) -> bool:
        """Take the lease, or hold it longer; False while another process has it."""
        with self.engine.begin() as connection:
            held = now(connection)
            free_or_mine = sa.or_(lease.c.holder == self.holder, lease.c.until < held)
            update = lease.update().where(lease.c.name == NAME, free_or_mine)
            values = {"holder": self.holder, "until": held + self.seconds}
            if connection.execute(update.values(**values)).rowcount:
                return True
        try:
            with self.engine.begin() as connection:
                connection.execute(lease.insert().values(name=NAME, **values))
        except IntegrityError:
            return False
        return True

    def release(self) -> None:
        """Let the next process begin at once."""
        with self.engine.begin() as connection:
            connection.execute(lease.delete().where(lease.c.holder == self.holder))
