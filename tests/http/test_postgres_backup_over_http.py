"""What the runbook says of PostgreSQL's backups: a conversation that comes back goes on."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
KEY = "a key that only this test knows of"
ENDPOINTS = """
action_endpoint: {url: in-process}
tracker_store:
  type: store.forgetting_store.ForgettingTrackerStore
  dialect: postgresql
  url: ${DB_HOST}
  port: ${DB_PORT}
  db: guide
  username: guide
"""


def program(name):
    """Where `name` is; Debian keeps PostgreSQL's programs out of the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name)


@pytest.fixture(scope="module")
def postgres(missing: Callable[[str], None]):
    """A database `guide` on a port of its own; the port."""
    if not all(program(name) for name in ("initdb", "postgres", "pg_dump", "pg_restore")):
        missing("PostgreSQL is missing; `apt-get install postgresql` brings it")
    # It refuses to run as root.
    user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="guide-postgres-"))
    if user:
        shutil.chown(folder, "nobody", "nogroup")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")
    made = [program("initdb"), "-D", data, "--username=guide", "--auth=trust", "--no-sync"]
    subprocess.run(made, check=True, capture_output=True, cwd=folder, **user)
    command = [program("postgres"), "-D", data, "-p", str(port), "-k", "", "-h", "127.0.0.1"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, **user)
    try:
        when_it_answers(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


def when_it_answers(port):
    deadline = time.monotonic() + 60
    while True:
        try:
            query(port, "CREATE DATABASE guide", database="postgres")
            return
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.2)


def query(port, statement, database="guide"):
    connection = psycopg2.connect(host="127.0.0.1", port=port, user="guide", dbname=database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def as_the_runbook_says(name, port, **streams):
    """Run the line of the runbook that begins with `name`, but for where it finds the server."""
    (line,) = re.findall(rf"postgres ({name} [^`<>]*)", RUNBOOK.read_text(encoding="utf-8"))
    command, *arguments = shlex.split(line)
    place = ["--host=127.0.0.1", f"--port={port}"]
    subprocess.run([program(command), *place, *arguments], check=True, timeout=60, **streams)


def test_conversation_goes_on_after_its_database_was_lost(postgres, new_guide, visit, tmp_path):
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(ENDPOINTS, encoding="utf-8")
    guide = new_guide(
        ENDPOINTS=str(endpoints), DB_HOST="127.0.0.1", DB_PORT=str(postgres), SENDER_KEY=KEY
    )
    guide.start()
    visitor = visit(guide)
    visitor.say("what are short chain fatty acids")
    dump = tmp_path / "guide.dump"
    with dump.open("wb") as out:
        as_the_runbook_says("pg_dump", postgres, stdout=out)
    more = visitor.say("/more_detail")
    guide.stop()
    assert not guide.database.exists()

    query(postgres, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    with dump.open("rb") as kept:
        as_the_runbook_says("pg_restore", postgres, stdin=kept)
    guide.start()
    assert visitor.say("/more_detail")[0]["text"] == more[0]["text"]
    assert visit(guide).say("/more_detail")[0]["text"] != more[0]["text"]
