"""A PostgreSQL server for a test, on a socket in a folder of its own."""

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

USER = "guide"


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; None where there is no PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


@contextmanager
def postgres(bin: Path) -> Iterator[str]:
    """The folder of the server's socket, which is what SQLAlchemy takes for its host."""
    with TemporaryDirectory(prefix="guide-postgres-") as folder:
        # PostgreSQL refuses to run as root.
        before = ["runuser", "-u", "postgres", "--"] if getpass.getuser() == "root" else []
        if before:
            shutil.chown(folder, "postgres")
        data, socket = f"{folder}/data", f"-k {folder} -c listen_addresses= -c fsync=off"
        _run(*before, f"{bin}/initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8")
        control = [*before, f"{bin}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log"]
        _run(*control, "-o", socket, "start")
        try:
            yield folder
        finally:
            _run(*control, "-m", "immediate", "stop")


def _run(*command: str) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    done = subprocess.run(command, cwd="/", env=os.environ, check=False, **quiet)
    assert done.returncode == 0, done.stderr.decode()
