"""What holds for each action: its file is its name, and the domain knows it."""

from importlib import import_module
from pathlib import Path

import pytest
import yaml
from rasa_sdk import Action

PROJECT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (PROJECT / "actions").glob("action_*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_file_holds_the_action_of_its_name(name):
    module = import_module(f"actions.{name}")
    classes = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Action) and thing is not Action
    ]
    assert [cls().name() for cls in classes] == [name]


def test_domain_names_exactly_the_actions_there_are():
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    assert sorted(domain["actions"]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_action_never_breaks_on_an_empty_conversation(run_action, name, monkeypatch):
    monkeypatch.setattr("actions.action_delete_my_data.forget", lambda sender: None)
    module = import_module(f"actions.{name}")
    action = getattr(module, "".join(part.title() for part in name.split("_")))()
    intent = "stop" if name == "action_service" else ""
    reply = run_action(action, intent=intent)
    assert all(text.strip() for text in reply.texts)
    assert reply.texts
