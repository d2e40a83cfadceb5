"""Draws the report's figures as SVG: text stays text, colours are safe for the colour-blind."""

import io
from collections import Counter
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from evaluation import metrics
from evaluation.metrics import Answered, Judged, Rate

# Okabe and Ito (2008), "Color Universal Design".
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#8a8a8a"
READING_LIMIT = 8.0
WIDTH = 7.5  # inches

mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
    }
)


def against_targets(rows: Sequence[tuple[str, Rate, float, bool]]) -> str:
    """Each (name, rate, target in percent, whether more is better) as a dot with its interval."""
    figure, axes = canvas(0.36 * len(rows) + 0.9)
    for place, (_, rate, target, more) in enumerate(rows):
        low, high = (100 * end for end in rate.interval)
        value = 100 * rate.share
        met = value >= target if more else value <= target
        axes.plot([low, high], [place, place], color=GREY, linewidth=2)
        axes.plot(value, place, "o", color=GREEN if met else ORANGE, markersize=8)
        axes.plot(target, place, "|", color="#444444", markersize=16, markeredgewidth=2)
        axes.annotate(
            f"{value:.1f}", (value, place), (0, 7), textcoords="offset points", ha="center"
        )
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_xlim(-3, 104)
    axes.set_ylim(len(rows) - 0.5, -0.8)
    axes.set_xlabel("percent; the bar marks the target")
    return svg(figure)


def recall_per_intent(rows: Sequence[Answered]) -> str:
    """Every intent's recall with its interval, the lowest on top."""
    intents = {row.question.intent for row in rows}
    recalls = {intent: metrics.intent_recall(rows, intent) for intent in intents}
    ordered = sorted(intents, key=lambda intent: recalls[intent].share)
    figure, axes = canvas(0.24 * len(ordered) + 0.9)
    for place, intent in enumerate(ordered):
        low, high = (100 * end for end in recalls[intent].interval)
        axes.barh(place, 100 * recalls[intent].share, color=BLUE, alpha=0.55, height=0.7)
        axes.plot([low, high], [place, place], color="#444444", linewidth=1.2)
    axes.set_yticks(range(len(ordered)), [f"{i} ({recalls[i].total})" for i in ordered])
    axes.set_ylim(len(ordered) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("recall in percent (questions in brackets), with 95 % interval")
    return svg(figure)


def confusion(rows: Sequence[Answered]) -> str:
    """What was taken for what; right answers are muted so that mistakes stand out."""
    pairs = Counter((r.question.intent, r.finding.intent) for r in rows if not r.is_right)
    names = sorted({name for pair in pairs for name in pair})
    grid = np.zeros((len(names), len(names)))
    for (meant, found), count in pairs.items():
        grid[names.index(meant), names.index(found)] = count
    figure, axes = canvas(0.23 * len(names) + 2.2)
    axes.imshow(grid, cmap="Oranges", vmin=0, aspect="auto")
    for meant, found in zip(*np.nonzero(grid), strict=True):
        axes.text(
            found, meant, f"{grid[meant, found]:.0f}", ha="center", va="center", color="#222222"
        )
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.plot([-0.5, len(names) - 0.5], [-0.5, len(names) - 0.5], color=GREY, linewidth=0.5)
    axes.set_xlabel("taken for")
    axes.set_ylabel("meant")
    return svg(figure)


def gate_curve(rows: Sequence[Answered]) -> str:
    """Out-of-scope recall against false rejection as the gate's threshold moves."""
    foreign = _scores(metrics.foreign(rows), "foreign")
    ours = _scores(metrics.ours(rows), "foreign")
    chosen = next((r.finding.scores["foreign_threshold"] for r in rows if r.finding.scores), 0.5)
    return _trade_off(
        [(_above(ours, t), _above(foreign, t)) for t in np.linspace(0, 1, 201)],
        (_above(ours, chosen), _above(foreign, chosen)),
        "false rejection, percent",
        "out-of-scope recall, percent",
    )


def urgent_curve(rows: Sequence[Judged], chosen: float) -> str:
    """Emergencies the classifier alone hears, against false alarms, as `urgent` moves."""
    alarms = _scores(metrics.at_level(rows, "E"), "urgent")
    calm = _scores(metrics.at_level(rows, "S", "G", None), "urgent")
    return _trade_off(
        [(_above(calm, t), _above(alarms, t)) for t in np.linspace(0, 1, 201)],
        (_above(calm, chosen), _above(alarms, chosen)),
        "false alarms on lines made to provoke them, percent",
        "emergencies heard by the classifier alone, percent",
    )


def answer_curve(rows: Sequence[Answered]) -> str:
    """Wrong answers given as certain against questions asked back, as `sure` moves.

    The curve knows the confidence only; the dot is what the guide does, `margin` included.
    """
    ours = [row.finding.confidence for row in metrics.ours(rows)]
    wrong = [row.finding.confidence for row in rows if not (row.is_right or row.is_rejected)]
    points = [
        (100 - _above(ours, t), _above(wrong, t) * len(wrong) / len(rows))
        for t in np.linspace(0, 1, 201)
    ]
    chosen = (metrics.asked_back(rows), metrics.wrong_with_confidence(rows))
    return _trade_off(
        points,
        (100 * chosen[0].share, 100 * chosen[1].share),
        "asked back, percent of our questions",
        "wrong with confidence, percent",
        top=8,
    )


def side_by_side(rows: Sequence[tuple[str, Rate, Rate]]) -> str:
    """Each (name, guide, stock Rasa) as two dots with their intervals."""
    figure, axes = canvas(0.55 * len(rows) + 1.1)
    for column, (name, colour) in enumerate((("guide", BLUE), ("stock Rasa", ORANGE)), 1):
        for place, row in enumerate(rows):
            rate = row[column]
            assert isinstance(rate, Rate)
            height = place + 0.3 * (column - 1.5)
            axes.plot([100 * end for end in rate.interval], [height] * 2, color=GREY, linewidth=2)
            label = name if place == 0 else None
            axes.plot(100 * rate.share, height, "o", color=colour, markersize=8, label=label)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_xlim(-3, 104)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("percent, with 95 % interval")
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return svg(figure)


def reading_grades(grades: Sequence[float]) -> str:
    """How hard the texts are to read, with the limit."""
    figure, axes = canvas(2.6)
    axes.hist(grades, bins=np.arange(0, 10.5, 0.5), color=BLUE, alpha=0.6)
    axes.axvline(READING_LIMIT, color=ORANGE, linewidth=2)
    axes.annotate(
        "limit", (READING_LIMIT, axes.get_ylim()[1]), (4, -10), textcoords="offset points"
    )
    axes.set_xlabel("reading grade")
    axes.set_ylabel("texts")
    return svg(figure)


def _trade_off(
    points: Sequence[tuple[float, float]],
    chosen: tuple[float, float],
    x: str,
    y: str,
    top: float = 102,
) -> str:
    figure, axes = canvas(3.2)
    axes.plot(*zip(*points, strict=True), color=BLUE)
    axes.plot(*chosen, "o", color=ORANGE, markersize=9)
    axes.annotate("chosen", chosen, (10, -4), textcoords="offset points")
    axes.set_xlim(-1, 40)
    axes.set_ylim(0, top)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return svg(figure)


def _scores(rows: Sequence[Answered] | Sequence[Judged], name: str) -> list[float]:
    return [row.finding.scores.get(name, 0.0) for row in rows]


def _above(scores: Sequence[float], threshold: float) -> float:
    """Percent of the scores above the threshold; 0 of none."""
    return 100 * sum(score > threshold for score in scores) / len(scores) if scores else 0.0


def canvas(height: float):  # type: ignore[no-untyped-def]  # matplotlib's Axes is untyped here
    """A figure of the usual width and `height` inches, and its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot()


def svg(figure: Figure) -> str:
    """The figure without the XML header, to be put into a page."""
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = drawn.getvalue()
    return text[text.index("<svg") :].replace("<svg ", '<svg role="img" ', 1)
