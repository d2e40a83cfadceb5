"""What packages take on disk, by the lists of files their installers left."""

import importlib.metadata
import os
import re
from collections.abc import Container, Iterator
from pathlib import Path

MEGABYTE = 1024 * 1024


def installed_megabytes(site_packages: Path, names: Container[str] | None = None) -> float:
    """Disk space of the packages in a folder, compiled files included; of all without `names`."""
    return (
        sum(
            _disk_bytes(path)
            for distribution in importlib.metadata.distributions(path=[str(site_packages)])
            if names is None or canonical(distribution.metadata["Name"]) in names
            for file in _files(distribution)
            for path in _with_compiled(file)
        )
        / MEGABYTE
    )


def site_packages_of(python: Path) -> Path:
    """The folder of packages of an environment, from the path of its interpreter."""
    return next((python.absolute().parents[1] / "lib").glob("python3*/site-packages"))


def locked_names(lock: str) -> set[str]:
    """The packages of a requirements file, named as the index names them."""
    return {canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _files(distribution: importlib.metadata.Distribution) -> list[Path]:
    """The files of a package; those outside the folder of packages included."""
    # What an older pip installed from source: Python 3.12.1 fails where a file is outside.
    if listed := distribution.read_text("installed-files.txt"):
        of_egg = Path(str(distribution.locate_file(""))) / "any.egg-info"
        return [Path(os.path.normpath(of_egg / line)) for line in listed.splitlines()]
    return [Path(str(distribution.locate_file(file))) for file in distribution.files or []]


def _with_compiled(path: Path) -> Iterator[Path]:
    if path.suffix != ".pyc":  # some installers list them, some do not
        yield path
    if path.suffix == ".py":
        yield from (path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc")


def _disk_bytes(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:
        return 0
