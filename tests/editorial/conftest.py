"""Fixtures of the editorial tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from content_tree import Tree, write_valid


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_content: reads the content of this repository")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A repository without any problem."""
    tree = Tree(tmp_path)
    write_valid(tree)
    return tree


@pytest.fixture
def problem_of(tree: Tree) -> Callable[..., str]:
    """Changes one field and gives the single problem that follows."""

    def change_and_check(path: str, field: str, value: Any) -> str:
        tree.change(path, field, value)
        [problem] = tree.problems()
        return problem

    return change_and_check
