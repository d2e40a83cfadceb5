"""`make backup` and `make restore`: the conversations, and the key that finds them.

For the SQLite file; docs/runbook.md says how PostgreSQL is backed up.
"""

import argparse
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from rasa.utils.endpoints import read_endpoint_config

from runtime.places import endpoints_file, in_data_dir
from store.forgetting_store import DATABASE

KEY = "sender.key"
FOLDER = "backups"


class BackupError(Exception):
    """What cannot be backed up or restored; the text is one line: what, why, and the remedy."""


def main(arguments: list[str] | None = None) -> int:
    """Back up, or restore; 1 and one line where that cannot be done."""
    parser = argparse.ArgumentParser(prog="store.backup", description=__doc__)
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("write").add_argument("--to", type=Path)
    tasks.add_parser("restore").add_argument("--from", dest="backup", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        if given.task == "write":
            print(f"The backup is in {write(given.to or in_data_dir(FOLDER))}")
        else:
            before = restore(given.backup)
            print(f"Restored. What was there before is in {before}")
    except BackupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def write(folder: Path, name: str = "") -> Path:
    """Copy database and key into a new folder below `folder`, for their owner alone; its path.

    SQLite's own online backup: the copy is whole even while the guide writes.
    """
    database = database_file()
    if not database.exists():
        raise BackupError(f"There is nothing to back up: {database} does not exist")
    target = folder / (name or f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}")
    try:
        target.mkdir(mode=0o700, parents=True)
        copy_database(database, target / DATABASE)
        (target / DATABASE).chmod(0o600)
        if in_data_dir(KEY).exists():
            shutil.copy(in_data_dir(KEY), target / KEY)  # with its mode
    except OSError as error:
        raise BackupError(f"{target} cannot be written ({error.strerror})") from None
    require_sound(target / DATABASE)
    return target


def restore(backup: Path) -> Path:
    """Put a backup in the place of what is there; the path of a backup of the latter."""
    database, key = database_file(), in_data_dir(KEY)
    if (backup / DATABASE).resolve() == database.resolve():
        raise BackupError("Name the folder that `make backup` wrote: make restore from=backups/…")
    require_sound(backup / DATABASE)
    require_stopped()
    before = Path("nothing")
    if database.exists():
        before = write(backup.parent, f"before-restore-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}")
    copy_database(backup / DATABASE, database)
    if (backup / KEY).exists():
        draft = key.with_name(f".{KEY}.restored")
        shutil.copy(backup / KEY, draft)
        draft.replace(key)
    return before


def database_file() -> Path:
    """The SQLite file of the endpoints file; raises BackupError for another kind of store."""
    config = read_endpoint_config(str(endpoints_file()), "tracker_store")
    settings = {} if config is None else config.kwargs
    if settings.get("dialect", "sqlite") != "sqlite":
        raise BackupError(
            f"Conversations are in {settings['dialect']}, not in a file; "
            "docs/runbook.md says how to back that up"
        )
    return in_data_dir(settings.get("db", DATABASE))


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database as it is at one moment, over `target`; raises BackupError."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as origin,
            closing(sqlite3.connect(target)) as copy,
        ):
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, which holds all
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied to {target} ({error})") from None


def require_sound(database: Path) -> None:
    """Raises BackupError where `database` is missing, or damaged."""
    if not database.exists():
        raise BackupError(f"{database} does not exist; name the folder that `make backup` wrote")
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        raise BackupError(f"{database} is damaged ({answer}); take an older backup")


def require_stopped() -> None:
    """Raises BackupError while a guide answers on $PORT: it would go on with the old key."""
    port = os.environ.get("PORT") or "5005"
    try:
        with urlopen(f"http://127.0.0.1:{port}/live", timeout=2):
            pass
    except (OSError, ValueError):
        return
    raise BackupError(f"The guide runs on port {port}; stop it, then restore")


if __name__ == "__main__":
    sys.exit(main())
