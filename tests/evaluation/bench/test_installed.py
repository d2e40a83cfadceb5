"""Disk space of packages, by the lists of files their installers left."""

import sys
from pathlib import Path

from evaluation.bench.installed import installed_megabytes, locked_names, site_packages_of

HERE = site_packages_of(Path(sys.executable))


def test_packages_are_read_from_the_lock_file_as_the_index_names_them():
    lock = "aio_pika==8.2.3 \\\n    --hash=sha256:00\nPyYAML==6.0.3\n# comment==1\n"
    assert locked_names(lock) == {"aio-pika", "pyyaml"}


def test_installed_packages_take_space_and_others_none():
    assert 0.1 < installed_megabytes(HERE, {"pyyaml"}) < 10
    assert installed_megabytes(HERE, {"no-such-package"}) == 0


def test_without_names_every_package_counts():
    assert installed_megabytes(HERE) > installed_megabytes(HERE, {"pyyaml", "numpy"})


def test_compiled_files_count_once_whoever_lists_them(tmp_path):
    (tmp_path / "pack/__pycache__").mkdir(parents=True)
    (tmp_path / "pack/one.py").write_bytes(b"x" * 4096)
    (tmp_path / "pack/__pycache__/one.cpython-312.pyc").write_bytes(b"x" * 4096)
    (tmp_path / "pack-1.dist-info").mkdir()
    (tmp_path / "pack-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: pack\n")
    files = ["pack/one.py,,", "pack/__pycache__/one.cpython-312.pyc,,"]
    for record in (files, files[:1]):
        (tmp_path / "pack-1.dist-info/RECORD").write_text("\n".join(record) + "\n")
        assert installed_megabytes(tmp_path) == 2 * 4096 / 1024**2


def test_package_that_an_older_pip_put_outside_its_folder_is_counted(tmp_path):
    packages = tmp_path / "lib/python3.10/site-packages"
    (packages / "pack-1.egg-info").mkdir(parents=True)
    (packages / "pack").mkdir()
    (tmp_path / "bin").mkdir()
    for file in (packages / "pack/one.py", tmp_path / "bin/pack"):
        file.write_bytes(b"x" * 4096)
    (packages / "pack-1.egg-info/PKG-INFO").write_text("Metadata-Version: 1.0\nName: pack\n")
    (packages / "pack-1.egg-info/installed-files.txt").write_text(
        "../../../../bin/pack\n../pack/one.py\n"
    )
    assert installed_megabytes(packages) == 2 * 4096 / 1024**2
