"""A PostgreSQL server for the tests that want one."""

import pytest
from postgres import postgres, programs


@pytest.fixture(scope="session")
def postgres_host(missing):
    bin = programs()
    if bin is None:
        missing("PostgreSQL is missing; `apt-get install postgresql` brings it")
    with postgres(bin) as host:
        yield host
