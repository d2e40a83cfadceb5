"""Tables come back after their file was lost; SQLite waits for nobody for long."""

import pytest
import sqlalchemy as sa

from store.tables import BUSY_MILLISECONDS, keep_tables, tune_sqlite


@pytest.fixture
def file(tmp_path):
    return tmp_path / "some.db"


@pytest.fixture
def engine(file):
    engine = sa.create_engine(f"sqlite:///{file}")
    tune_sqlite(engine)
    return engine


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
    file.write_bytes(b"no database at all, and long enough to be told from one " * 20)
    for _ in range(2):
        with pytest.raises(sa.exc.DatabaseError, match="not a database"):
            read(engine, table)


def test_what_is_deleted_is_overwritten_and_a_locked_file_is_given_up_soon(engine):
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
        busy = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    assert busy == BUSY_MILLISECONDS
