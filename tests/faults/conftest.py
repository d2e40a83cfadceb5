"""What the tests of faults share."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

import pytest

# The fake Bot API and the live guide are those of the Telegram channel's tests.
sys.path.append(str(Path(__file__).resolve().parents[1] / "telegram"))

from breakable import (
    CHANNELS,
    CRISIS,
    EMERGENCY,
    QUESTION,
    RESULTS,
    TELEGRAM,
    Breakable,
    Matrix,
    Person,
    running,
)

from channels.fallback import Fallback
from components.safety.gate import own_gate
from editorial.content import Content, load_content


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content()


@pytest.fixture(scope="session")
def matrix(content: Content) -> Iterator[Matrix]:
    """Written to results/faults.md when the run ends."""
    matrix = Matrix(content)
    yield matrix
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(matrix.as_markdown(), encoding="utf-8")


@pytest.fixture(scope="session")
def expected(content: Content) -> Callable[[str], str]:
    """The first line of the reply that belongs to a red flag."""
    fallback = Fallback(content, own_gate())

    def first_line(words: str) -> str:
        (reply,) = fallback.items(words)
        assert reply["custom"]["level"] in ("E", "C")
        return str(reply["text"].splitlines()[0])

    return first_line


@pytest.fixture(scope="session")
def guides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Breakable]]:
    """guides("polling"): the guide that gets its Telegram updates this way, started once."""
    with ExitStack() as stack:

        @lru_cache
        def started(mode: str) -> Breakable:
            return stack.enter_context(running(tmp_path_factory.mktemp(mode), mode))

        yield started


@pytest.fixture(params=CHANNELS)
def person(request: pytest.FixtureRequest, guides: Callable[[str], Breakable]) -> Person:
    return Person(guides(TELEGRAM.get(request.param, "polling")), request.param)


@pytest.fixture
def meets(
    matrix: Matrix, expected: Callable[[str], str]
) -> Callable[[str, Person, Callable[[str], str]], None]:
    """meets(situation, person, typed): what an ordinary question, an emergency and a crisis get.

    `typed` makes of the words what is typed in the situation.
    """

    def say_all(
        situation: str, person: Person, typed: Callable[[str], str] = lambda words: words
    ) -> None:
        for what, words in (
            ("answers", QUESTION),
            ("emergency", EMERGENCY),
            ("crisis", CRISIS),
        ):
            met = person.say(typed(words), "" if what == "answers" else expected(words))
            if what != "answers":
                whole = "\n".join(met.texts)
                assert expected(words) in whole, whole
                assert any(number in whole for number in ("000", "13 11 14"))
                assert any(number in whole for number in ("111", "1737"))
            matrix.note(situation, person.channel, what, met)

    return say_all
