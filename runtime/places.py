"""Where the server keeps what it writes, and which files of the operator it reads.

In a container the project is read-only: DATA_DIR is then the one folder that can be written to.
"""

import os
from pathlib import Path

DATA_DIR = "DATA_DIR"
MODEL_DIR = "MODEL_DIR"
ENDPOINTS = "ENDPOINTS"


class PlaceError(Exception):
    """A folder that cannot be used; the text is one line: which one, why, and the remedy."""


def in_data_dir(name: str | Path) -> Path:
    """`name` in the folder of $DATA_DIR, the present one where it is not set.

    A name that is a whole path stays what it is.
    """
    return Path(os.environ.get(DATA_DIR) or ".") / name


def model_dir() -> Path:
    """The folder of the trained model: $MODEL_DIR, else `models`."""
    return Path(os.environ.get(MODEL_DIR) or "models")


def endpoints_file() -> Path:
    """The file that says where conversations are kept: $ENDPOINTS, else `endpoints.yml`."""
    return Path(os.environ.get(ENDPOINTS) or "endpoints.yml")


def require_data_dir() -> None:
    """Raises PlaceError where $DATA_DIR names no folder that this process may write to."""
    folder = in_data_dir("")
    if not folder.is_dir():
        raise PlaceError(f"{DATA_DIR}={folder} is no folder; make it, or name another")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PlaceError(
            f"{DATA_DIR}={folder} cannot be written to by user {os.geteuid()}; "
            f"run `chown {os.geteuid()} {folder}`, or name another folder"
        )
