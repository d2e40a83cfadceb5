"""Tables come back after their file was lost."""

import pytest
import sqlalchemy as sa

from store.database import engine_for
from store.sqlite import erase_deleted
from store.tables import keep_tables


@pytest.fixture
def file(tmp_path):
    return tmp_path / "some.db"


@pytest.fixture
def engine(file):
    return engine_for(f"sqlite:///{file}")


def read(engine, table):
    with engine.connect() as connection:
        return list(connection.execute(sa.select(table)))


@pytest.fixture
def table(engine):
    metadata = sa.MetaData()
    table = sa.Table("some", metadata, sa.Column("number", sa.Integer))
    metadata.create_all(engine)
    keep_tables(engine, metadata)
    return table


def test_statement_after_the_one_that_missed_the_table_finds_it(engine, table, file):
    file.unlink()
    with pytest.raises(sa.exc.OperationalError, match="no such table"):
        read(engine, table)
    assert read(engine, table) == []


def test_other_failure_is_told_and_makes_no_table(engine, table, file):
    erase_deleted(engine)  # all is in the file, none of it in the log
    engine.dispose()
    file.write_bytes(b"no database at all, and long enough to be told from one " * 20)
    for _ in range(2):
        with pytest.raises(sa.exc.DatabaseError, match="not a database"):
            read(engine, table)
