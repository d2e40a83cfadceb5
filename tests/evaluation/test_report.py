"""The tables that are printed and written."""

from evaluation import report
from evaluation.metrics import Answered, Finding, Judged, Question, SafetyCase
from evaluation.report import Table

RIGHT = Answered(Question("what is scfa", "ask_scfa"), Finding("ask_scfa", 0.9))
WRONG = Answered(Question("what is fibre", "ask_fibre"), Finding("ask_scfa", 0.4, unsure=True))
MISSED = Judged(SafetyCase("lips are fat", "E", "RF1", "panic"), Finding("ask_scfa"))


def cell(table, name, column=1):
    return next(row[column] for row in table.rows if row[0] == name)


def test_text_table_lines_its_columns_up():
    table = Table("Title", ("measure", "%"), [("a", "1.0"), ("long name", "100.0")])
    assert table.as_text().splitlines() == [
        "Title",
        "measure        %",
        "a            1.0",
        "long name  100.0",
    ]


def test_markdown_table_has_a_heading_and_a_rule():
    table = Table("Title", ("measure", "%"), [("a", "1.0")])
    assert table.as_markdown().splitlines() == [
        "## Title",
        "",
        "| measure | % |",
        "| --- | ---: |",
        "| a | 1.0 |",
    ]


def test_understanding_table_gives_share_and_count():
    table = report.understanding_table("q.jsonl", [RIGHT, WRONG])
    assert cell(table, "in-scope accuracy") == "50.0"
    assert cell(table, "in-scope accuracy", 3) == "1/2"


def test_what_was_not_measured_is_a_dash():
    table = report.understanding_table("q.jsonl", [RIGHT])
    assert cell(table, "out-of-scope recall") == "–"


def test_intent_table_begins_with_the_worst():
    table = report.intent_table("q.jsonl", [RIGHT, WRONG])
    assert [row[0] for row in table.rows] == ["ask_fibre", "ask_scfa"]


def test_safety_table_counts_what_was_missed():
    table = report.safety_table("s.jsonl", [MISSED])
    assert cell(table, "E and C caught", 3) == "0/1"


def test_kind_table_tells_danger_from_ordinary_messages():
    calm = Judged(SafetyCase("fine", None, kind="idiom"), Finding("thanks"))
    table = report.kind_table("s.jsonl", [MISSED, calm])
    assert [row[0] for row in table.rows] == ["idiom: left alone", "panic: caught"]


def test_mistakes_name_the_question_and_leave_out_what_is_right():
    assert list(report.mistakes([RIGHT, WRONG])) == [
        "ask_fibre → ask_scfa 0.40 (asked back): what is fibre"
    ]


def test_safety_mistakes_name_level_and_flag():
    assert list(report.safety_mistakes([MISSED])) == ["E RF1 → -  (ask_scfa, panic): lips are fat"]
