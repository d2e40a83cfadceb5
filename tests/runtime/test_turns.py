"""Each message is counted once, by what came of it."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pytest
from rasa.core.channels.channel import UserMessage
from structlog.testing import capture_logs

from components.intent_classifier import IntentClassifier
from editorial.content import load_content
from editorial.tour import Event
from runtime import metrics, turns
from runtime.turns import known_flags, one_turn, understand_ahead, watch
from store.forgetting_store import OvertakenError, StoreFailedError

SECRET = "my " + "secret itch"


def parsed(intent="ask_stress", level=None, flag=None, unsure=False):
    return {
        "text": SECRET,
        "intent": {"name": intent, "confidence": 1.0},
        "safety": {"level": level, "flag": flag},
        "decision": {"unsure": unsure},
    }


class Assistant:
    """Stands where Rasa's agent does; answers as `data` and `failure` say."""

    def __init__(self):
        self.data = parsed()
        self.failure = None
        self.domain = SimpleNamespace(intents=["ask_stress", "report_urgent"])
        self.processor = SimpleNamespace(
            parse_message=self.parse,
            model_metadata=SimpleNamespace(
                model_id="m1", trained_at=datetime(2026, 11, 1, tzinfo=UTC)
            ),
        )

    async def parse(self, message):
        return self.data

    async def handle_message(self, message):
        if self.failure == "before":
            raise ConnectionError(SECRET)
        if self.failure == "ignored":  # as Rasa's does while it has no model
            return None
        await self.processor.parse_message(message)
        if self.failure in ("overtaken", "overtaken once"):
            self.failure = None if self.failure == "overtaken once" else self.failure
            raise OvertakenError
        if self.failure == "unkept":
            raise StoreFailedError("away")
        if self.failure == "hang":
            await asyncio.sleep(30)
        return ["answer"]


@pytest.fixture
def assistant():
    assistant = Assistant()
    watch(assistant)
    return assistant


@pytest.fixture
def say(assistant):
    """Says something and gives back what rose by how much, and the lines of the log."""

    async def nothing(_):
        return None

    def one(channel="rest", seconds=5.0, tries=1, between=nothing):
        message = UserMessage(SECRET, sender_id="f" * 64, input_channel=channel, message_id="id-1")

        async def answered():
            async with asyncio.timeout(seconds):
                if tries == 1:
                    return await assistant.handle_message(message)
                with one_turn(message):
                    return await tried()

        async def tried():
            for _ in range(tries - 1):
                with contextlib.suppress(OvertakenError, StoreFailedError):
                    return await assistant.handle_message(message)
                await between(message)
            return await assistant.handle_message(message)

        before = counters()
        with capture_logs() as lines:
            try:
                outcome = asyncio.run(answered())
            except (ConnectionError, TimeoutError, OvertakenError, StoreFailedError) as error:
                outcome = error
        return outcome, risen(before), lines

    return one


def counters():
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in metrics.REGISTRY.collect()
        for sample in family.samples
        if sample.name.startswith("guide_") and sample.name.endswith(("_total", "_count"))
    }


def risen(before):
    return {
        (name, *(value for _, value in labels)): value - before.get((name, *labels), 0)
        for (name, *labels), value in counters().items()
        if value != before.get((name, *labels), 0)
    }


def test_answer_is_handed_on_and_counted_once(say):
    outcome, rose, _ = say()
    assert outcome == ["answer"]
    assert rose == {
        ("guide_messages_total", "rest", "understood"): 1,
        ("guide_message_seconds_count", "rest"): 1,
        ("guide_intents_total", "ask_stress"): 1,
    }


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (parsed(unsure=True), "asked_back"),
        (parsed("out_of_scope"), "out_of_scope"),
        (parsed("nlu_fallback"), "out_of_scope"),
        (parsed(level="G", flag="RF11", unsure=True), "red_flag"),
    ],
)
def test_outcome_is_what_the_assistant_made_of_the_words(assistant, say, data, outcome):
    assistant.data = data
    assert say("telegram")[1]["guide_messages_total", "telegram", outcome] == 1


def test_red_flag_raises_its_own_counter_alone(assistant, say):
    assistant.data = parsed("report_urgent", "E", "RF1")
    rose = say()[1]
    flags = {key: value for key, value in rose.items() if key[0] == "guide_red_flags_total"}
    assert flags == {("guide_red_flags_total", "RF1", "E"): 1}


def test_alarm_that_no_pattern_has_named_is_counted_too(assistant, say):
    assistant.data = parsed("report_urgent", "E")
    assert say()[1]["guide_red_flags_total", "none", "E"] == 1


def test_failure_goes_on_and_is_counted_and_told_by_its_kind(assistant, say):
    assistant.failure = "before"
    outcome, rose, (line,) = say()
    assert isinstance(outcome, ConnectionError)
    assert rose["guide_messages_total", "rest", "failed"] == 1
    assert line["failure"] == "ConnectionError"


def test_message_that_nobody_has_read_is_a_failure(assistant, say):
    assistant.failure = "ignored"
    assert say()[1] == {
        ("guide_messages_total", "rest", "failed"): 1,
        ("guide_message_seconds_count", "rest"): 1,
    }


def test_message_that_reached_its_time_limit_is_a_failure(assistant, say):
    assistant.failure = "hang"
    outcome, rose, (line,) = say(seconds=0.05)
    assert isinstance(outcome, TimeoutError)
    assert rose["guide_messages_total", "rest", "failed"] == 1
    assert line["failure"] == "time limit"


def test_turn_that_is_made_anew_is_counted_once(assistant, say):
    assistant.failure = "overtaken once"
    outcome, rose, (line,) = say(tries=2)
    assert outcome == ["answer"]
    assert rose["guide_messages_total", "rest", "understood"] == 1
    assert rose["guide_intents_total", "ask_stress"] == 1
    assert not line["failure"]


def test_turn_that_is_overtaken_for_ever_is_one_failure(assistant, say):
    assistant.failure = "overtaken"
    outcome, rose, (line,) = say(tries=3)
    assert isinstance(outcome, OvertakenError)
    assert rose["guide_messages_total", "rest", "failed"] == 1
    assert line["failure"] == "OvertakenError"


@pytest.mark.parametrize("tries", [1, 3])
def test_answer_that_was_not_kept_counts_once_as_what_was_made_of_the_words(assistant, say, tries):
    assistant.failure = "unkept"
    assistant.data = parsed("report_urgent", "E", "RF1")
    outcome, rose, (line,) = say(tries=tries)
    assert isinstance(outcome, StoreFailedError)
    assert rose["guide_messages_total", "rest", "red_flag"] == 1
    assert rose["guide_red_flags_total", "RF1", "E"] == 1
    assert (line["kept"], line["failure"]) == (False, "StoreFailedError")


def test_answer_that_is_kept_in_the_end_counts_as_any_other(assistant, say):
    assistant.failure = "unkept"

    async def store_comes_back(_):
        assistant.failure = None

    _, rose, (line,) = say(tries=2, between=store_comes_back)
    assert rose["guide_messages_total", "rest", "understood"] == 1
    assert (line["kept"], line["failure"]) == (None, None)


def test_message_that_nobody_was_asked_is_not_counted(assistant):
    before = counters()
    with one_turn(UserMessage(SECRET, input_channel="rest")):
        pass
    assert risen(before) == {}


def test_names_that_are_not_known_make_no_new_series(assistant, say):
    assistant.data = parsed("an_intent_somebody_made_up")
    rose = say("a channel somebody made up")[1]
    assert ("guide_intents_total", "other") in rose
    assert ("guide_messages_total", "other", "understood") in rose


def test_line_of_a_message_has_neither_its_words_nor_who_wrote(say):
    (line,) = say()[2]
    assert line.keys() == {
        "event", "log_level", "request_id", "channel", "sender", "intent", "safety_level",
        "safety_flag", "outcome", "kept", "failure", "milliseconds",
    }  # fmt: skip
    assert (line["request_id"], line["sender"]) == ("id-1", "f" * 8)
    assert SECRET not in str(line)


def test_parsing_outside_a_conversation_is_not_counted(assistant):
    before = counters()
    asyncio.run(assistant.processor.parse_message(UserMessage("hello")))
    assert risen(before) == {}


def test_every_red_flag_of_the_content_stands_at_zero_from_the_start(assistant):
    content = load_content()
    assert {flag for _, flag in known_flags(content)} == {*content.flags, "none"}
    names = {(name, *(value for _, value in labels)) for name, *labels in counters()}
    assert {("guide_red_flags_total", flag, level) for level, flag in known_flags(content)} <= names


def test_every_event_of_the_tour_stands_at_zero_from_the_start():
    assert get_args(get_type_hints(Event)["what"]) == metrics.TOUR_EVENTS


@pytest.mark.parametrize(
    ("logger", "part"),
    [
        ("rasa.core.tracker_store", "store"),
        ("channels.web", "website"),
        ("channels.telegram.answering", "telegram"),
        ("rasa.core.processor", "conversation"),
        ("somebody.else", "other"),
    ],
)
def test_error_in_the_log_is_counted_for_its_part(logger, part):
    before = counters()
    record = logging.LogRecord(logger, logging.ERROR, "x.py", 1, "It broke", None, None)
    metrics.ErrorCounter().handle(record)
    assert risen(before) == {("guide_errors_total", part): 1}


@pytest.mark.parametrize("trained", [IntentClassifier({}, None, None, "a model"), None])
def test_words_are_ranked_before_rasa_begins(assistant, monkeypatch, trained):
    steps = []

    async def rank(text, model):
        steps.append((text, model))

    async def handle(message):
        steps.append("begun")
        return ["answer"]

    monkeypatch.setattr(turns, "rank_ahead", rank)
    assistant.handle_message = handle
    assistant.processor.graph_runner = SimpleNamespace(component=lambda kind: trained)
    understand_ahead(assistant)
    for said in (SECRET, None):
        assert asyncio.run(assistant.handle_message(UserMessage(said))) == ["answer"]
    model = trained and trained.model
    assert steps == [(SECRET, model), "begun", ("", model), "begun"]
