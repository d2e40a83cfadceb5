"""The report as one self-contained HTML page: nothing is loaded from elsewhere, no script."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from editorial.content import Content
from editorial.passages import passages
from editorial.readability import MIN_GRADED_WORDS, grade
from evaluation import metrics, plots, report
from evaluation.follow_ups import Played
from evaluation.metrics import Answered, Judged, Rate
from evaluation.report import Table

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem;
  color: #1d2733; background: #fff; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid #ccd3da; padding-top: 1rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; }
.card { border: 1px solid #ccd3da; border-radius: .5rem; padding: .75rem; }
.card b { display: block; font-size: 1.8rem; line-height: 1.2; }
.card.met { border-left: .4rem solid #009e73; } .card.short { border-left: .4rem solid #d55e00; }
figure { margin: 1rem 0; overflow-x: auto; } svg { width: 100%; height: auto; min-width: 30rem; }
figcaption { color: #44515e; } table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid #e3e8ec; }
th:first-child, td:first-child { text-align: left; } li { overflow-wrap: anywhere; }
@media print { details { display: none; } figure { break-inside: avoid; } }
"""
Target = tuple[str, Rate, float, bool]


def targets(
    questions: Sequence[Answered], judged: Sequence[Judged], played: Sequence[Played]
) -> list[Target]:
    """(name, rate, target in percent, whether more is better) of everything promised."""
    q, s = questions, judged
    rows: list[Target] = [
        ("in-scope accuracy", metrics.in_scope_accuracy(q), 95, True),
        ("right or among two offered", metrics.right_or_offered(q), 97, True),
        ("out-of-scope recall", metrics.out_of_scope_recall(q), 90, True),
        ("follow-ups resolved", metrics.rate(played, lambda one: one.is_right), 95, True),
        ("emergencies caught", metrics.caught(metrics.at_level(s, "E")), 99, True),
        ("crises caught", metrics.caught(metrics.at_level(s, "C")), 97, True),
        ("same day and GP caught", metrics.caught(metrics.at_level(s, "S", "G")), 95, True),
        ("asked back", metrics.asked_back(q), 15, False),
        ("wrong with confidence", metrics.wrong_with_confidence(q), 3, False),
        ("false rejection", metrics.false_rejection(q), 5, False),
        ("urgent on calm questions", metrics.urgent_false_alarms(q), 3, False),
        ("false alarms, provoked", metrics.false_alarms(s), 3, False),
    ]
    return [row for row in rows if row[1].total]


def reading_grades(content: Content) -> list[float]:
    """Grades of all texts long enough to be graded."""
    texts = (passage.text for passage in passages(content))
    return [grade(text) for text in texts if len(text.split()) >= MIN_GRADED_WORDS]


def page(
    model: str,
    questions: Sequence[Answered],
    judged: Sequence[Judged],
    played: Sequence[Played],
    content: Content,
    urgent: float,
    stock: Sequence[Answered] = (),
) -> str:
    """The whole page; `urgent` is the threshold config.yml sets.

    `stock` is what stock Rasa made of the same questions, empty where it was not asked.
    """
    aims = targets(questions, judged, played)
    body = [
        f"<h1>How well the guide understands</h1><p>Model {escape(model)}</p>",
        _cards(aims),
        _figure("Against the targets", plots.against_targets(aims), _said(aims)),
    ]
    if questions:
        body += [
            _figure("Recall per intent", plots.recall_per_intent(questions), "Weakest on top."),
            _figure("What is taken for what", plots.confusion(questions), "Mistakes only."),
            _figure(
                "The out-of-scope gate",
                plots.gate_curve(questions),
                "The scores of the gate alone; symptoms and red flags are exempt from it.",
            ),
            _figure(
                "Asking back",
                plots.answer_curve(questions),
                "Asking more often saves wrong answers, and costs people a tap.",
            ),
            _table(report.understanding_table("all questions", questions)),
        ]
    if stock:
        compared = report.compared(questions, stock)
        finding = "Both were taught with the same phrases and asked the same questions."
        body += [
            _figure("Beside stock Rasa", plots.side_by_side(compared), finding),
            _table(report.comparison_table(compared)),
        ]
    if judged:
        body += [
            _figure(
                "Emergencies: classifier alone",
                plots.urgent_curve(judged, urgent),
                "The safety gate, which reads first, is not in this curve.",
            ),
            _table(report.safety_table("all messages", judged)),
            _table(report.kind_table("all messages", judged)),
        ]
    grades = reading_grades(content)
    hardest = f"{len(grades)} texts; the hardest is grade {max(grades):.1f}."
    body += [
        _figure("Reading grade of every text", plots.reading_grades(grades), hardest),
        "<h2>Mistakes</h2>",
        _list("Questions", report.mistakes(questions)),
        _list("Safety", report.safety_mistakes(judged)),
        _list("Follow-ups", (f"{p.dialogue.name}: {p.fault}" for p in played if p.fault)),
    ]
    return (
        '<!doctype html><html lang="en-AU"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>How well the guide understands</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def is_met(aim: Target) -> bool:
    """True when the rate reaches its target."""
    _, rate, target, more = aim
    return 100 * rate.share >= target if more else 100 * rate.share <= target


def _cards(aims: Iterable[Target]) -> str:
    return f'<div class="cards">{"".join(map(_card, aims))}</div>'


def _card(aim: Target) -> str:
    name, rate, target, more = aim
    low, high = rate.interval
    state, word = ("met", "met") if is_met(aim) else ("short", "not met")
    return (
        f'<div class="card {state}">{escape(name)}<b>{report.percent(rate.share)} %</b>'
        f"{report.percent(low)} – {report.percent(high)} of {rate.total}<br>"
        f"target {'≥' if more else '≤'} {target:g}: {word}</div>"
    )


def _said(aims: Sequence[Target]) -> str:
    missed = [aim[0] for aim in aims if not is_met(aim)]
    return f"Not met: {', '.join(missed)}." if missed else "All targets are met."


def _figure(title: str, svg: str, finding: str) -> str:
    named = svg.replace("<svg ", f'<svg aria-label="{escape(title)}" ', 1)
    # Ids are unique within one drawing only.
    prefix = re.sub(r"\W", "", title)
    named = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{prefix}", named)
    caption = f"<figcaption>{escape(finding)}</figcaption>"
    return f"<h2>{escape(title)}</h2><figure>{named}{caption}</figure>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows
    )
    return f"<h2>{escape(table.title)}</h2><table><tr>{head}</tr>{rows}</table>"


def _list(title: str, lines: Iterable[str]) -> str:
    items = list(_items(lines))
    summary = f"<summary>{escape(title)}: {len(items)}</summary>"
    return f"<details>{summary}<ul>{''.join(items)}</ul></details>"


def _items(lines: Iterable[str]) -> Iterator[str]:
    return (f"<li>{escape(line)}</li>" for line in lines)
