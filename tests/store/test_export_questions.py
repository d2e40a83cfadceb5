"""What editors get to read: questions in vain, without people, without alarms."""

import asyncio
import stat

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from components.safety.gate import own_gate
from editorial.anonymise import Anonymiser
from store import export_questions
from store.export_questions import known_words, questions
from store.forgetting_store import ForgettingTrackerStore

UNKNOWN = {"intent": {"name": "nlu_fallback"}, "safety": {"level": None}}
NOT_OURS = {"intent": {"name": "out_of_scope"}, "safety": {"level": None}}
UNSURE = {"intent": {"name": "ask_fibre"}, "decision": {"unsure": True}}
SURE = {"intent": {"name": "ask_fibre"}, "decision": {"unsure": False}}
SAD = {"intent": {"name": "report_distress"}, "decision": {"unsure": True}}
FLAGGED = {"intent": {"name": "nlu_fallback"}, "safety": {"level": "S", "flag": "RF3"}}

SAID = [
    ("does moonlight help, I'm Sarah", UNKNOWN),
    ("does moonlight help, I'm Sarah", UNKNOWN),
    ("is kefir good in spring", UNSURE),
    ("can my cat have oats", NOT_OURS),
    ("is fibre good for me", SURE),
    ("it all gets too much for me", SAD),
    ("the spots have pus in them", FLAGGED),
    ("I can't breathe and my lips swell", UNKNOWN),
    ("/no_such_button", UNKNOWN),
    ("eh?", UNKNOWN),
    ("long ago " * 40, UNKNOWN),
]


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(ForgettingTrackerStore, "of_this_process", None)
    store = ForgettingTrackerStore(domain=Domain.empty(), db=str(tmp_path / "conversations.db"))
    for number, (text, parsed) in enumerate(SAID):
        events = [ActionExecuted("action_listen"), UserUttered(text, parse_data=parsed)]
        tracker = DialogueStateTracker.from_events(f"sender{number}", events)
        asyncio.run(store.save(tracker))
    return store


@pytest.fixture(scope="module")
def anonymise():
    return Anonymiser(known_words())


def test_questions_in_vain_are_given_once_and_without_a_name(store, anonymise):
    found = questions(store, own_gate(), anonymise)
    assert sorted(found) == [
        "can my cat have oats",
        "does moonlight help, I'm [name]",
        "is kefir good in spring",
    ]


def test_order_does_not_tell_who_asked_next(store, anonymise):
    assert len({tuple(questions(store, own_gate(), anonymise)) for _ in range(60)}) > 1


def test_file_is_its_owners_and_holds_text_alone(store, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export_questions, "store_from_endpoints", lambda: store)
    assert export_questions.main() == 0
    file = tmp_path / "results" / "questions.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = [line for line in file.read_text("utf-8").splitlines() if line[:1] != "#"]
    assert len(lines) == 3 and "3 questions" in capsys.readouterr().out
    assert "sender" not in file.read_text("utf-8")


def test_store_that_cannot_be_read_is_one_line(store, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE events")
    monkeypatch.setattr(export_questions, "store_from_endpoints", lambda: store)
    assert export_questions.main() == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "cannot be read" in line


def test_file_that_cannot_be_written_is_one_line(store, tmp_path, monkeypatch, capsys):
    (tmp_path / "results").write_text("a file where a folder should be")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export_questions, "store_from_endpoints", lambda: store)
    assert export_questions.main() == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "cannot be written" in line


def test_ordinary_words_of_the_phrases_are_known():
    assert {"eczema", "kefir", "worried"} <= known_words()
