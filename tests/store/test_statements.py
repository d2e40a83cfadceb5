"""A transaction's statements do the same on a file and on a server."""

import sqlite3

import pytest
import sqlalchemy as sa
from postgres import USER

from store.database import engine_for
from store.statements import transaction

SAID = sa.Table(
    "said",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False),
    sa.Column("words", sa.Text),
)
WORDS = sa.select([SAID.c.id, SAID.c.words]).where(
    SAID.c.sender_id == sa.bindparam("who", type_=sa.String)
)
LAST_TWO = WORDS.order_by(SAID.c.id.desc()).limit(2)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'some.db'}"
    if request.param == "postgresql":
        host = request.getfixturevalue("postgres_host")
        url = sa.engine.url.URL.create(
            "postgresql", username=USER, database="postgres", query={"host": host}
        )
    engine = engine_for(url)
    SAID.drop(engine, checkfirst=True)
    SAID.create(engine)
    yield engine
    engine.dispose()


def add(statements, *words, sender_id="ann"):
    statements.add(SAID, [{"sender_id": sender_id, "words": word} for word in words])


def words(engine, statement=WORDS, who="ann"):
    with transaction(engine) as statements:
        return [row[1] for row in statements.rows(statement, who=who)]


def test_rows_are_found_by_the_values_given(engine):
    with transaction(engine) as statements:
        add(statements, "one", "two", "three")
        add(statements, "hers", sender_id="bea")
    assert words(engine) == ["one", "two", "three"]
    assert words(engine, LAST_TWO) == ["three", "two"]
    assert words(engine, who="bea") == ["hers"]
    assert words(engine, who="nobody") == []


def test_words_stay_words_whatever_stands_in_them(engine):
    odd = ["'); DROP TABLE said; --", "%s %(who)s :who ?", "it's 🙂", "a\nb"]
    with transaction(engine) as statements:
        add(statements, *odd, sender_id=odd[0])
    assert words(engine, who=odd[0]) == odd


def test_statements_of_one_transaction_see_one_another(engine):
    with transaction(engine) as statements:
        statements.lock("ann")
        add(statements, "one")
        assert len(statements.rows(WORDS, who="ann")) == 1


def test_all_or_nothing(engine):
    with pytest.raises(KeyError), transaction(engine) as statements:
        add(statements, "one")
        raise KeyError("half way")
    assert words(engine) == []


def test_failure_of_the_database_leaves_nothing_and_the_next_goes_on(engine):
    with pytest.raises((sa.exc.IntegrityError, sqlite3.IntegrityError)):  # noqa: SIM117
        with transaction(engine) as statements:
            add(statements, "one")
            add(statements, "nobody's", sender_id=None)
    with transaction(engine) as statements:
        add(statements, "two")
    assert words(engine) == ["two"]


def test_connections_are_given_back(engine):
    for _ in range(3 * engine.pool.size()):
        with transaction(engine) as statements:
            statements.rows(WORDS, who="ann")
    assert engine.pool.checkedout() == 0


def test_file_that_cannot_be_read_is_opened_anew_once_it_can(tmp_path):
    file = tmp_path / "some.db"
    engine = engine_for(f"sqlite:///{file}")
    SAID.create(engine)
    engine.dispose()
    whole = file.read_bytes()
    file.write_bytes(b"this is no database at all" * 200)
    with pytest.raises(sa.exc.DatabaseError), transaction(engine) as statements:
        statements.rows(WORDS, who="ann")
    file.write_bytes(whole)
    assert words(engine) == []
