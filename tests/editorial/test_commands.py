"""The command line, and the real content."""

import json
import time
from pathlib import Path

import pytest
from content_tree import TODAY, Tree

from editorial.__main__ import main
from editorial.check import find_problems
from editorial.content import load_content
from editorial.new_topic import TopicRefused, write_topic
from editorial.project import ROOT, read_project


def test_check_of_a_sound_tree_ends_well(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tree.root), "check"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("0 errors, ")
    assert last.endswith(" in 3 topics, 21 red flags, 430 phrases")


def test_check_of_a_broken_tree_fails_and_tells_all(
    tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    tree.change("content/topics/fibre.yml", "title", "All there is to fibre")
    tree.change("content/topics/stress.yml", "answer", ...)
    assert main(["--root", str(tree.root), "check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    errors = [line for line in lines[:-1] if ": notice: " not in line]
    assert [line.split(":")[0] for line in errors] == [
        "content/topics/fibre.yml",
        "content/topics/stress.yml",
    ]


def test_check_speaks_json(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    tree.change("content/topics/stress.yml", "answer", ...)
    assert main(["--root", str(tree.root), "check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[-1] == {
        "path": "content/topics/stress.yml",
        "what": "`answer` is missing",
        "remedy": "add it",
        "level": "error",
    }


def test_notice_alone_does_not_fail(tree: Tree) -> None:
    tree.change("content/phone_numbers.yml", "au_emergency.checked", "2020-01-01")
    assert main(["--root", str(tree.root), "check"]) == 0


def test_new_topic_loads_and_tells_what_is_to_be_written(tree: Tree) -> None:
    write_topic("bathing", tree.root)
    assert load_content(tree.root / "content").topics["bathing"].intent == "ask_bathing"
    problems = [str(problem) for problem in find_problems(read_project(tree.root, TODAY))]
    assert all(line.startswith("content/topics/bathing.yml: ") for line in problems)
    unwritten = [line for line in problems if line.endswith("; write the text")]
    assert len(unwritten) == 7
    assert {line.split(": ", 1)[1] for line in problems if line not in unwritten} == {
        "`see_also` names 0 topics; name two or three",
        "domain.yml does not list ask_bathing; add it to `intents:` there",
        'is rated unknown but does not say so; write "We don\'t know yet" in answer, more or note',
        "no phrase of data/nlu.yml asks for it; add a block `- intent: ask_bathing` there",
        "notice: is in no group of the guided FAQ; add its id to a group of content/faq.yml",
    }


def test_new_topic_tells_the_next_steps(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tree.root), "new-topic", "--id", "bathing"]) == 0
    assert "- intent: ask_bathing" in capsys.readouterr().out


def test_new_topic_never_overwrites(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    before = (tree.root / "content/topics/fibre.yml").read_text(encoding="utf-8")
    assert main(["--root", str(tree.root), "new-topic", "--id", "fibre"]) == 1
    assert (tree.root / "content/topics/fibre.yml").read_text(encoding="utf-8") == before
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("topic_id", ["Bathing", "bathing-oil", "../bath", "a" * 40, ""])
def test_new_topic_refuses_an_unfit_id(tmp_path: Path, topic_id: str) -> None:
    with pytest.raises(TopicRefused):
        write_topic(topic_id, tmp_path)


@pytest.mark.real_content
def test_real_content_passes_the_check() -> None:
    started = time.monotonic()
    problems = [str(p) for p in find_problems(read_project(ROOT)) if p.level == "error"]
    assert problems == []
    assert time.monotonic() - started < 10


@pytest.mark.real_content
def test_real_content_loads() -> None:
    content = load_content()
    assert content.topics and len(content.flags) == 21
