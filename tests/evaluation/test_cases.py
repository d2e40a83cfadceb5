"""Held-out files are read as they stand, and a broken line is named."""

import pytest

from evaluation import cases


def test_questions_and_safety_cases_may_share_a_file(tmp_path):
    file = tmp_path / "mixed.jsonl"
    file.write_text(
        '{"text": "is fibre good", "intent": "ask_fibre", "alt": ["ask_scfa"], "real": true}\n\n'
        '{"text": "lips swelling", "level": "E", "flag": "RF1", "kind": "panic"}\n'
    )
    read = cases.read(file)
    assert read.texts == ["is fibre good", "lips swelling"]
    assert read.questions[0].alt == ("ask_scfa",)
    assert read.safety[0].level == "E"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{text: no}", "Expecting property name"),
        ('{"intent": "ask_fibre"}', "has no 'text'"),
        ('{"text": "a"}', "has no 'level'"),
        ('{"text": "a", "level": "X"}', "level X is none of"),
        ('"a"', "indices"),
    ],
)
def test_broken_line_is_named_with_its_reason(tmp_path, line, reason):
    file = tmp_path / "broken.jsonl"
    file.write_text('{"text": "a", "intent": "b"}\n' + line)
    with pytest.raises(cases.UnreadableCase, match=rf"broken\.jsonl:2: .*{reason}"):
        cases.read(file)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(cases.UnreadableCase, match=r"gone\.jsonl: cannot be read"):
        cases.read(tmp_path / "gone.jsonl")


def test_held_out_variable_adds_files(monkeypatch, tmp_path):
    monkeypatch.setenv("HELD_OUT", f"{tmp_path}/a.jsonl:{tmp_path}/b.jsonl")
    assert [path.name for path in cases.held_out_files()[-2:]] == ["a.jsonl", "b.jsonl"]


def test_own_files_can_be_read():
    for path in cases.OWN_FILES:
        assert cases.read(path).texts
