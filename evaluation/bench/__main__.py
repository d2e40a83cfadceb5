"""Measures the guide, beside stock Rasa where STOCK_RASA names its Python, and writes the report.

The report and its plots go to results/bench/. Stock Rasa is trained first where it is not yet for
the phrases as they are; that takes hours. STOCK_EPOCHS=1 is for trying the bench out.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from evaluation.bench import plots
from evaluation.bench.capacity import FORMULA, capacity_table
from evaluation.bench.figures import Measured, table_of
from evaluation.bench.installed import installed_megabytes, locked_names, site_packages_of
from evaluation.bench.measuring import Contestant, measure, train_guide
from evaluation.cases import OWN_FILES, PROJECT, UnreadableCase, read
from evaluation.model import NoModel, newest_model
from evaluation.server import ServerProblem, guide, stock_rasa
from evaluation.stock_project import (
    EPOCHS_VARIABLE,
    STOCK_VARIABLE,
    StockProblem,
    trained_project,
    wanted_epochs,
)

FOLDER = PROJECT / "results" / "bench"
PLOTS = {"latency": plots.latency, "throughput": plots.throughput, "growth": plots.growth}
BUSY = 0.5  # load above which others use the machine


def main() -> int:
    """Measure, print, write the report; gives the exit code."""
    busy = os.getloadavg()[0]
    try:
        contestants = [the_guide(), *the_others()]
        texts = [question.text for question in read(OWN_FILES[0]).questions]
        found = measure(contestants, texts)
    except (NoModel, ServerProblem, StockProblem, UnreadableCase) as problem:
        print(problem, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as problem:
        print(f"The client that writes the messages failed: {problem}", file=sys.stderr)
        return 1
    write_report(found, list(notes_on(found, busy)))
    return 0


def the_guide() -> Contestant:
    """The guide as `make run` starts it; trained once more, to see how long that takes."""
    model = newest_model(PROJECT / "models")
    print("Training the guide …", file=sys.stderr)
    needed = locked_names((PROJECT / "requirements.lock").read_text("utf-8"))
    size = installed_megabytes(site_packages_of(Path(sys.executable)), needed)
    return Contestant(partial(guide, model), size, train_guide())


def the_others() -> Iterator[Contestant]:
    """Stock Rasa, if its Python is named."""
    if named := os.environ.get(STOCK_VARIABLE):
        python = Path(named)
        print("Stock Rasa: training it, where that is needed, takes hours …", file=sys.stderr)
        project = trained_project(python, wanted_epochs(os.environ.get(EPOCHS_VARIABLE, "")))
        size = installed_megabytes(site_packages_of(python))
        yield Contestant(partial(stock_rasa, python, project), size, project.training)


def write_report(found: Sequence[Measured], notes: Sequence[str]) -> None:
    """The table for the terminal; table, notes and plots for results/bench/."""
    table = table_of(found[0], found[1] if len(found) > 1 else None)
    print("\n".join(["", table.as_text(), "", *notes]))
    FOLDER.mkdir(parents=True, exist_ok=True)
    able = capacity_table(found[0]).as_markdown()
    lines = ["# Speed, memory and size", "", table.as_markdown(), "", *notes, "", able, ""]
    lines += [f"Reckoned, not measured: {FORMULA}", ""]
    for name, draw in PLOTS.items():
        (FOLDER / f"{name}.svg").write_text(draw(found), "utf-8")
        lines += [f"![{(draw.__doc__ or name).strip()}]({name}.svg)", ""]
    report = FOLDER / "report.md"
    report.write_text("\n".join(lines), "utf-8")
    print(f"The report is {report.relative_to(PROJECT)}")


def notes_on(found: Sequence[Measured], busy: float) -> Iterator[str]:
    """What one needs to know to read the table."""
    yield (
        f"- {platform.machine()}, {os.cpu_count()} cores; load before the start {busy:.2f}"
        + (" (the machine was busy)." if busy > BUSY else ".")
    )
    yield "- The client is a process of its own on the same machine and takes a share of it."
    for one in found:
        yield (
            f"- {one.name}: {sum(len(load.seconds) for load in one.loads.values()):,} messages "
            f"under load, {one.failed} of them without a proper answer; load before its training "
            f"{one.training.load:.2f}."
        )
    if len(found) == 1:
        yield f"- Not measured beside stock Rasa; {STOCK_VARIABLE} would name its Python."


if __name__ == "__main__":
    sys.exit(main())
