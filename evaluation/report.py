"""Puts the figures into tables: plain for the terminal, Markdown for `results/`."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation import metrics
from evaluation.follow_ups import Played
from evaluation.metrics import Answered, Judged, Rate

Cells = Sequence[str]
COLUMNS = ("measure", "%", "95 % interval", "of")
LEVEL_NAMES = {"E": "emergency", "C": "crisis", "S": "same day", "G": "GP soon"}


@dataclass(frozen=True)
class Table:
    """A heading, the names of the columns, and rows of text."""

    title: str
    columns: Cells
    rows: Sequence[Cells]

    def as_text(self) -> str:
        """Columns lined up for a terminal; the first to the left, the others to the right."""
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = [self.title, *(_line(cells, widths) for cells in (self.columns, *self.rows))]
        return "\n".join(lines)

    def as_markdown(self) -> str:
        rule = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = [f"| {' | '.join(cells)} |" for cells in (self.columns, rule, *self.rows)]
        return "\n".join([f"## {self.title}", "", *lines])


def understanding_table(name: str, rows: Sequence[Answered]) -> Table:
    """How well the questions of one file are understood."""
    title = (
        f"Understanding: {name} ({len(metrics.ours(rows))} questions in scope, "
        f"{len(metrics.foreign(rows))} out of scope)"
    )
    figures: list[Cells] = [
        _rate_row("in-scope accuracy", metrics.in_scope_accuracy(rows)),
        _rate_row("right or among two offered", metrics.right_or_offered(rows)),
        _rate_row("asked back, of in scope", metrics.asked_back(rows)),
        _rate_row("wrong with confidence, of all", metrics.wrong_with_confidence(rows)),
        _rate_row("out-of-scope recall", metrics.out_of_scope_recall(rows)),
        _rate_row("false rejection", metrics.false_rejection(rows)),
        ("mean recall per intent", percent(metrics.mean_recall(rows)), "", ""),
        _rate_row("false alarms, report_urgent", metrics.urgent_false_alarms(rows)),
    ]
    for intent in metrics.SAFETY_INTENTS:
        figures.append(_rate_row(f"recall {intent}", metrics.intent_recall(rows, intent)))
    return Table(title, COLUMNS, figures)


def intent_table(name: str, rows: Sequence[Answered]) -> Table:
    """Recall of every intent, the worst first."""
    intents = sorted({row.question.intent for row in rows})
    recalls = {intent: metrics.intent_recall(rows, intent) for intent in intents}
    ordered = sorted(intents, key=lambda intent: recalls[intent].share)
    return Table(
        f"Recall per intent: {name}",
        COLUMNS,
        [_rate_row(intent, recalls[intent]) for intent in ordered],
    )


def safety_table(name: str, rows: Sequence[Judged]) -> Table:
    """How well the safety levels of one file are found."""
    return Table(f"Safety: {name} ({len(rows)} messages)", COLUMNS, list(_safety_rows(rows)))


def kind_table(name: str, rows: Sequence[Judged]) -> Table:
    """Recall of red flags and calm about ordinary messages, by the way they are worded."""
    cells: list[Cells] = []
    for kind, mine in metrics.by_kind(rows).items():
        flags = metrics.at_level(mine, *metrics.LEVELS)
        calm = metrics.at_level(mine, None)
        if flags:
            cells.append(_rate_row(f"{kind}: caught", metrics.caught(flags)))
        if calm:
            cells.append(_rate_row(f"{kind}: left alone", metrics.right_level(calm)))
    return Table(f"Safety by wording: {name}", COLUMNS, cells)


def compared(
    guide: Sequence[Answered], stock: Sequence[Answered]
) -> Sequence[tuple[str, Rate, Rate]]:
    """(measure, guide, stock Rasa) on the same questions, both taught with the same phrases."""
    measures = (
        ("in-scope accuracy", metrics.in_scope_accuracy),
        ("out-of-scope recall", metrics.out_of_scope_recall),
        ("false rejection", metrics.false_rejection),
        ("wrong with confidence, of all", metrics.wrong_with_confidence),
    )
    return [(name, measure(guide), measure(stock)) for name, measure in measures]


def comparison_table(rows: Sequence[tuple[str, Rate, Rate]]) -> Table:
    """The guide beside stock Rasa; intervals in brackets."""
    return Table(
        "Beside stock Rasa (DIET, default pipeline, the same phrases)",
        ("measure", "guide, %", "stock Rasa, %"),
        [(name, *map(_with_interval, rates)) for name, *rates in rows],
    )


def follow_up_table(played: Sequence[Played]) -> Table:
    """How many follow-up dialogues go as written."""
    rate = metrics.rate(played, lambda one: one.is_right)
    return Table("Follow-up dialogues", COLUMNS, [_rate_row("resolved", rate)])


def mistakes(rows: Sequence[Answered]) -> Iterator[str]:
    """One line for each question that was not understood, sorted by what it was."""
    wrong = [row for row in rows if not row.is_right]
    for question, found in sorted(wrong, key=lambda row: (row.question.intent, row.finding.intent)):
        asked = " (asked back)" if found.unsure else ""
        yield (f"{question.intent} → {found.intent} {found.confidence:.2f}{asked}: {question.text}")


def safety_mistakes(rows: Sequence[Judged]) -> Iterator[str]:
    """One line for each message put at a wrong level, the most urgent first."""
    wrong = [row for row in rows if not row.is_right]
    for case, found in sorted(wrong, key=lambda row: -metrics.URGENCY[row.case.level]):
        yield (
            f"{case.level or '-'} {case.flag or ''} → {found.level or '-'} {found.flag or ''}"
            f" ({found.intent}, {case.kind}): {case.text}"
        )


def percent(share: float) -> str:
    """A share as a percentage with one decimal; a dash where nothing was measured."""
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


def _safety_rows(rows: Sequence[Judged]) -> Iterator[Cells]:
    yield _rate_row("E and C caught", metrics.caught(metrics.at_level(rows, "E", "C")))
    yield _rate_row("S and G caught", metrics.caught(metrics.at_level(rows, "S", "G")))
    for level in metrics.LEVELS:
        mine = metrics.at_level(rows, level)
        yield _rate_row(f"{level}, {LEVEL_NAMES[level]}: caught", metrics.caught(mine))
        yield _rate_row(f"{level}, {LEVEL_NAMES[level]}: right level", metrics.right_level(mine))
    yield _rate_row("false alarms, E or C", metrics.false_alarms(rows))
    yield _rate_row("any level, of ordinary messages", metrics.needless_warnings(rows))


def _rate_row(name: str, rate: Rate) -> Cells:
    low, high = rate.interval
    between = f"{percent(low)} – {percent(high)}" if rate.total else ""
    return name, percent(rate.share), between, f"{rate.hits}/{rate.total}"


def _with_interval(rate: Rate) -> str:
    low, high = rate.interval
    return f"{percent(rate.share)} ({percent(low)} – {percent(high)})"


def _line(cells: Cells, widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])
