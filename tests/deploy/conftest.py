"""The files an operator starts the guide with."""

import sys
from pathlib import Path

import pytest
import yaml
from image import DEPLOY


@pytest.fixture(scope="session")
def read():
    """Reads a YAML file of deploy/ that holds one document."""
    return lambda name: yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def hadolint():
    return Path(sys.executable).with_name("hadolint")
