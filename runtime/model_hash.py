"""Knows a model again: it names the classes that are loaded with it, and may hold pickles."""

import hashlib
import os
from pathlib import Path

MODEL_SHA256 = "MODEL_SHA256"
ALLOW_UNCHECKED_MODEL = "ALLOW_UNCHECKED_MODEL"


class ModelRefusedError(Exception):
    """The model is not the one that was trained; the text is one line, with the remedy."""


def write_hash(model: Path) -> Path:
    """Note the hash of a model that was just trained, in a file beside it; gives that file."""
    beside = hash_file(model)
    beside.write_text(f"{sha256(model)}  {model.name}\n", encoding="utf-8")
    return beside


def check_hash(model: Path) -> bool:
    """Whether `model` was checked; False where the operator allows one whose hash nobody knows.

    The hash is that of the file beside the model and, where the operator sets it, that of
    $MODEL_SHA256, which whoever can write into `models/` cannot change. Raises ModelRefusedError.
    """
    known = _known_hashes(model)
    if not known and os.environ.get(ALLOW_UNCHECKED_MODEL) != "1":
        raise ModelRefusedError(
            f"{model.name} has no {hash_file(model).name} beside it, so nobody knows whose it is: "
            f"copy that file too, run `make train`, or set {MODEL_SHA256}; "
            f"{ALLOW_UNCHECKED_MODEL}=1 loads it all the same"
        )
    found = sha256(model) if known else ""
    for place, expected in known.items():
        if expected != found:
            raise ModelRefusedError(
                f"{model.name} is not the model that was trained ({place} names another hash); "
                "copy both files again, or run `make train`"
            )
    return bool(known)


def _known_hashes(model: Path) -> dict[str, str]:
    """The hashes that `model` must have, by the place that names them."""
    known = {}
    if pinned := os.environ.get(MODEL_SHA256, "").strip().lower():
        known[MODEL_SHA256] = pinned
    beside = hash_file(model)
    if beside.exists():
        known[beside.name] = (beside.read_text(encoding="utf-8").split() or [""])[0]
    return known


def newest_model(folder: Path) -> Path | None:
    """The model that Rasa would load from `folder`; None where there is none."""
    models = folder.glob("*.tar.gz")
    return max(models, key=lambda model: model.stat().st_mtime, default=None)


def sha256(file: Path) -> str:
    """As `sha256sum` writes it."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def hash_file(model: Path) -> Path:
    """Where the hash of `model` is noted."""
    return model.with_name(f"{model.name}.sha256")
