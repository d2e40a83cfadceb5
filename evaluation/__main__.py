"""`make evaluate`: scores the newest model on the held-out questions and safety cases.

Prints tables and writes results/report.html and results/report.md. Files named in HELD_OUT
(separated by colons) are scored as well. With STOCK_RASA naming the Python of an environment that
holds stock Rasa, its default pipeline is taught with the same phrases and asked the same questions.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from editorial.content import load_content
from evaluation import follow_ups, page, report, stock
from evaluation.cases import PROJECT, HeldOut, UnreadableCase, held_out_files, read
from evaluation.follow_ups import Played
from evaluation.metrics import Answered, Judged
from evaluation.model import NoModel, findings, newest_model
from evaluation.report import Table
from evaluation.stock_project import STOCK_VARIABLE, StockProblem

REPORT = PROJECT / "results" / "report.md"
PAGE = PROJECT / "results" / "report.html"


@dataclass(frozen=True)
class Scored:
    """One file and what the model made of it."""

    name: str
    answered: list[Answered]
    judged: list[Judged]


def main(arguments: list[str] | None = None) -> int:
    """Score, print, write the report; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        model = newest_model(PROJECT / "models")
        files = [read(path) for path in held_out_files()]
    except (NoModel, UnreadableCase) as problem:
        print(problem, file=sys.stderr)
        return 1
    scored = score(model, files)
    for table in (table for each in scored for table in summary_of(each)):
        print(table.as_text(), end="\n\n")
    if options.errors:
        print("\n".join(line for each in scored for line in errors_of(each)), end="\n\n")
    played = follow_ups.play_all(model)
    print(report.follow_up_table(played).as_text(), end="\n\n")
    try:
        beside = ask_stock(scored)
    except StockProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    if beside:
        print(comparison(scored, beside).as_text(), end="\n\n")
    write_report(model, scored, played, beside)
    write_page(model, scored, played, beside)
    print(f"The full report is in {PAGE.relative_to(PROJECT)} and {REPORT.relative_to(PROJECT)}")
    return 0


def score(model: Path, files: list[HeldOut]) -> list[Scored]:
    """Every message of the files through the model, loaded once."""
    texts = [text for file in files for text in file.texts]
    print(f"Asking {model.name} about {len(texts):,} messages …", file=sys.stderr)
    found = iter(findings(model, texts))
    return [
        Scored(
            file.name,
            [Answered(question, next(found)) for question in file.questions],
            [Judged(case, next(found)) for case in file.safety],
        )
        for file in files
    ]


def summary_of(scored: Scored) -> Iterator[Table]:
    """The tables of one file that fit a terminal."""
    if scored.answered:
        yield report.understanding_table(scored.name, scored.answered)
    if scored.judged:
        yield report.safety_table(scored.name, scored.judged)
        yield report.kind_table(scored.name, scored.judged)


def ask_stock(scored: list[Scored]) -> list[Answered]:
    """Stock Rasa's answers to all questions, in order; none where STOCK_RASA is not set."""
    python = os.environ.get(STOCK_VARIABLE)
    if not python:
        return []
    print("Asking stock Rasa; training it takes many minutes …", file=sys.stderr)
    questions = [row.question for row in all_answered(scored)]
    found = stock.answers(Path(python), [question.text for question in questions])
    return [Answered(*pair) for pair in zip(questions, found, strict=True)]


def comparison(scored: list[Scored], beside: list[Answered]) -> Table:
    """The guide beside stock Rasa."""
    return report.comparison_table(report.compared(all_answered(scored), beside))


def all_answered(scored: list[Scored]) -> list[Answered]:
    """The questions of all files, in order."""
    return [row for each in scored for row in each.answered]


def errors_of(scored: Scored) -> Iterator[str]:
    """The mistakes in one file, one a line."""
    yield f"Mistakes: {scored.name}"
    yield from report.mistakes(scored.answered)
    yield from report.safety_mistakes(scored.judged)


def write_report(
    model: Path, scored: list[Scored], played: list[Played], beside: list[Answered]
) -> None:
    """All tables, recall of every intent among them, as Markdown."""
    parts = ["# How well the guide understands", f"Model: `{model.name}`"]
    for each in scored:
        parts += [table.as_markdown() for table in summary_of(each)]
        if each.answered:
            parts.append(report.intent_table(each.name, each.answered).as_markdown())
    parts.append(report.follow_up_table(played).as_markdown())
    if beside:
        parts.append(comparison(scored, beside).as_markdown())
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def write_page(
    model: Path, scored: list[Scored], played: list[Played], beside: list[Answered]
) -> None:
    """The report to look at: one HTML page over all files together."""
    judged = [row for each in scored for row in each.judged]
    pipeline = yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    urgent = next(step["urgent"] for step in pipeline if "urgent" in step)
    html = page.page(
        model.name, all_answered(scored), judged, played, load_content(), urgent, beside
    )
    PAGE.write_text(html, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evaluation", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list every mistake")
    return parser


if __name__ == "__main__":
    sys.exit(main())
