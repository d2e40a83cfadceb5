"""What packages take on disk, by the lists of files their installers left."""

import importlib.metadata
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
            for file in distribution.files or []
            for path in _with_compiled(Path(str(distribution.locate_file(file))))
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
