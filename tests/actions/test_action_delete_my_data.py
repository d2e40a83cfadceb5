"""Deletion: "done" only once it is done."""

import logging

import pytest

from actions import action_delete_my_data
from actions.action_delete_my_data import ActionDeleteMyData


@pytest.fixture
def forgotten(monkeypatch):
    senders = []
    monkeypatch.setattr(action_delete_my_data, "forget", senders.append)
    return senders


@pytest.fixture
def broken_database(monkeypatch):
    def refuse(sender):
        raise OSError("disk I/O error")

    monkeypatch.setattr(action_delete_my_data, "forget", refuse)


def test_deletion_forgets_this_sender_and_says_so(run_action, content, forgotten):
    reply = run_action(ActionDeleteMyData(), intent="delete_my_data")
    assert len(forgotten) == 1
    assert reply.text == content.fill(content.service["data_deleted"][0])


def test_deletion_keeps_this_turn_from_being_written_back(run_action, forgotten):
    reply = run_action(ActionDeleteMyData(), intent="delete_my_data")
    assert reply.slots["forget_conversation"] is True


def test_failed_deletion_is_never_called_done(run_action, content, broken_database):
    reply = run_action(ActionDeleteMyData(), intent="delete_my_data")
    assert reply.text == content.fill(content.service["data_delete_failed"][0])
    assert reply.events == []


def test_failed_deletion_is_logged_for_the_operator(run_action, broken_database, caplog):
    with caplog.at_level(logging.ERROR):
        run_action(ActionDeleteMyData(), intent="delete_my_data")
    assert "could not be deleted" in caplog.text
