"""Draws the bench as SVG: latency and throughput by users, and the cost of a long conversation."""

from collections.abc import Sequence

from evaluation.bench.figures import PERCENTILES, USERS, Measured
from evaluation.plots import BLUE, ORANGE, canvas, svg

COLOURS = (BLUE, ORANGE)
BAR = 0.36


def latency(found: Sequence[Measured]) -> str:
    """p50 as a bar, p95 and p99 as marks above it, for each number of users."""
    figure, axes = canvas(3.2)
    for column, (one, colour) in enumerate(zip(found, COLOURS, strict=False)):
        places = [place + BAR * (column - 0.5 * (len(found) - 1)) for place in range(len(USERS))]
        low, *high = [[1000 * one.latency(users, p) for users in USERS] for p in PERCENTILES]
        axes.bar(places, low, BAR * 0.9, color=colour, alpha=0.6, label=f"{one.name}, p50")
        for heights, mark in zip(high, ("_", "x"), strict=True):
            axes.plot(places, heights, mark, color=colour, markersize=9)
    axes.set_xticks(range(len(USERS)), [f"{users} at once" for users in USERS])
    axes.set_yscale("log")
    axes.set_ylabel("ms, logarithmic; – p95, x p99")
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return svg(figure)


def throughput(found: Sequence[Measured]) -> str:
    """Messages a second for each number of users."""
    figure, axes = canvas(2.8)
    for column, (one, colour) in enumerate(zip(found, COLOURS, strict=False)):
        places = [place + BAR * (column - 0.5 * (len(found) - 1)) for place in range(len(USERS))]
        rates = [one.loads[users].throughput for users in USERS]
        bars = axes.bar(places, rates, BAR * 0.9, color=colour, alpha=0.6, label=one.name)
        axes.bar_label(bars, fmt="%.0f")
    axes.set_xticks(range(len(USERS)), [f"{users} at once" for users in USERS])
    axes.set_ylabel("messages a second")
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return svg(figure)


def growth(found: Sequence[Measured]) -> str:
    """What a message costs by the length of its conversation."""
    figure, axes = canvas(2.8)
    for one, colour in zip(found, COLOURS, strict=False):
        lengths = [grown.length for grown in one.grown]
        axes.plot(lengths, [1000 * g.seconds for g in one.grown], "o-", color=colour)
        axes.annotate(
            one.name,
            (lengths[-1], 1000 * one.grown[-1].seconds),
            (-6, 7),
            textcoords="offset points",
            ha="right",
            color=colour,
        )
    axes.set_ylim(bottom=0)
    axes.set_xlabel("messages of the conversation so far")
    axes.set_ylabel("ms for the next one")
    return svg(figure)
