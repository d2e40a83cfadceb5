"""Each check of the guided tour, on a tree with that one fault."""

from collections.abc import Callable
from typing import Any

import pytest
from content_tree import Tree

ProblemOf = Callable[..., str]

TOUR = "content/tour.yml"
SIGNED = {"by": "Dr A", "on": "2026-01-01", "next": "2027-01-01"}


def test_step_about_an_unknown_topic(problem_of: ProblemOf) -> None:
    assert problem_of(TOUR, "steps.calm.topic", "sleep") == (
        f"{TOUR}: `steps.calm` is about sleep, which is no topic in use; "
        "mend the id, set `topic:`, or write that topic"
    )


def test_link_to_an_unknown_topic(problem_of: ProblemOf) -> None:
    assert "`links.1` is about sleep" in problem_of(TOUR, "links", ["sleep"])


def test_step_about_a_retired_topic(tree: Tree) -> None:
    tree.change("content/topics/stress.yml", "status", "retired")
    assert any(f"{TOUR}: `steps.calm` is about stress" in one for one in tree.problems())


def test_published_tour_of_draft_topics(tree: Tree) -> None:
    tree.change(TOUR, "status", "published")
    tree.change(TOUR, "review", SIGNED)
    problems = tree.problems()
    assert problems
    assert all("which is a draft" in problem for problem in problems)


def test_published_tour_without_a_review(tree: Tree) -> None:
    tree.change(TOUR, "status", "published")
    assert any("is published without a review" in problem for problem in tree.problems())


def test_step_no_path_leads_to(tree: Tree) -> None:
    tree.change(TOUR, "paths.long.steps", ["fibre", "yoghurt"])
    assert tree.problems() == [
        f"{TOUR}: `steps.calm` cannot be reached: no path names it; add it to a path, or remove it"
    ]


def test_path_to_a_step_that_does_not_exist(tree: Tree) -> None:
    tree.change(TOUR, "paths.short.steps", ["fibre", "yoghurt", "sleep"])
    assert tree.problems() == [
        f"{TOUR}: `paths.short` names the step sleep, which does not exist; "
        "mend the id, or write the step under `steps`"
    ]


def test_path_that_passes_a_step_twice(problem_of: ProblemOf) -> None:
    steps = ["fibre", "yoghurt", "fibre"]
    assert "names the step fibre twice" in problem_of(TOUR, "paths.short.steps", steps)


def test_path_without_a_red_flag_step(problem_of: ProblemOf) -> None:
    problem = problem_of(TOUR, "paths.short.steps", ["fibre"])
    assert problem.startswith(f"{TOUR}: `paths.short` has no red-flag step")


def test_wording_over_600_characters(tree: Tree) -> None:
    tree.change(TOUR, "steps.fibre.text", "A day to rest. " * 41)
    assert any("`steps.fibre.text` has 614 characters, over 600" in one for one in tree.problems())


def test_step_name_too_long_for_its_next_button(problem_of: ProblemOf) -> None:
    problem = problem_of(TOUR, "steps.calm.title", "A calm evening!")
    assert (
        problem == f"{TOUR}: has the button 'Next: A calm evening!' of 21 characters, over 20; "
        "shorten it"
    )


def test_quiz_option_too_long(tree: Tree) -> None:
    quiz = tree.read(TOUR)["quiz"]
    quiz[1] = {**quiz[1], "options": ["Yes", "No, and not in any way"]}
    tree.change(TOUR, "quiz", quiz)
    [problem] = tree.problems()
    assert "has the button 'No, and not in any way'" in problem


def test_path_id_too_long_for_a_payload(tree: Tree) -> None:
    paths = tree.read(TOUR)["paths"]
    paths["p" * 40] = paths.pop("short")
    tree.change(TOUR, "paths", paths)
    problems = tree.problems()
    assert problems
    assert all("bytes" in problem and "shorter id" in problem for problem in problems)


def test_source_the_topic_does_not_cite(tree: Tree) -> None:
    sources = tree.read("content/sources.yml")
    tree.dump("content/sources.yml", {**sources, "other": sources["article"]})
    tree.change(TOUR, "steps.fibre.source", "other")
    assert tree.problems() == [
        f"{TOUR}: `steps.fibre` rests on other, which fibre does not cite; use one of: article"
    ]


def test_source_that_does_not_exist(problem_of: ProblemOf) -> None:
    assert "names the source nature" in problem_of(TOUR, "steps.fibre.source", "nature")


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("quiz", [], "`quiz` has no entry"),
        ("words.welcome", ..., "`words.welcome` is missing"),
        ("steps.fibre.colour", "red", "`steps.fibre.colour` is not a known field"),
    ],
)
def test_schema(tree: Tree, field: str, value: Any, what: str) -> None:
    tree.change(TOUR, field, value)
    assert any(what in problem for problem in tree.problems())


def test_forbidden_wording_in_a_step(problem_of: ProblemOf) -> None:
    assert "promises a cure" in problem_of(TOUR, "steps.fibre.text", "Fibre cures eczema.")
