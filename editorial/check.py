"""Run every check and say all that is wrong at once."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from editorial import check_content as content
from editorial import check_tour as tour
from editorial import check_training as training
from editorial.problem import Problem
from editorial.project import Project

Check = Callable[[Project], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    content.check_schema,
    content.check_reviews,
    content.check_sources_exist,
    content.check_sources_are_used,
    content.check_number_keys,
    content.check_numbers,
    content.check_reading_grade,
    content.check_median_grade,
    content.check_words,
    content.check_spelling,
    content.check_wording,
    content.check_brands,
    content.check_evidence_ladder,
    content.check_evidence_words,
    content.check_topic_lengths,
    content.check_topic_payloads,
    content.check_telegram_lengths,
    content.check_see_also,
    content.check_faq_groups,
    content.check_flags_complete,
    content.check_emergency_numbers,
    tour.check_tour_topics,
    tour.check_tour_sources,
    tour.check_tour_is_reachable,
    tour.check_tour_red_flags,
    tour.check_tour_lengths,
    tour.check_tour_buttons,
    training.check_topics_have_phrases,
    training.check_phrases_have_topics,
    training.check_domain_matches_phrases,
    training.check_safety_intents,
    training.check_phrase_counts,
    training.check_phrases_are_unique,
    training.check_held_out,
    training.check_response_buttons,
)


def find_problems(project: Project) -> list[Problem]:
    """Everything wrong with a project, by path, each thing once."""
    return sorted({problem for check in CHECKS for problem in check(project)})


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems fails the check."""
    return any(problem.level == "error" for problem in problems)


def as_lines(project: Project, problems: list[Problem]) -> str:
    """The problems one a line, errors last so that they stay in sight, then a summary."""
    notices = [problem for problem in problems if problem.level == "notice"]
    errors = [problem for problem in problems if problem.level == "error"]
    read = project.content
    summary = (
        f"{_count(len(errors), 'error')}, {_count(len(notices), 'notice')} in "
        f"{_count(len(read.topics), 'topic')}, {_count(len(read.flags), 'red flag')}, "
        f"{_count(len(project.training.phrases), 'phrase')}"
    )
    return "\n".join([*map(str, notices), *map(str, errors), summary])


def as_json(problems: list[Problem]) -> str:
    """The problems for a program: a list of {path, what, remedy, level}."""
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
