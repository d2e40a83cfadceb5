"""One message out of what the assistant says."""

import time

import pytest

from channels.incoming import may_be_tapped
from channels.telegram.composing import MAX_PAYLOAD_BYTES, compose
from editorial import replies
from editorial.models import TelegramText
from editorial.replies import Memory
from editorial.tour import move, read_place, wish_of
from editorial.tour_replies import tour_payloads, tour_replies


def items(said):
    return [
        {
            "text": reply.text,
            "custom": reply.custom,
            "buttons": [{"title": b.title, "payload": b.payload} for b in reply.buttons],
        }
        for reply in said
    ]


@pytest.fixture
def leaky_gut(content):
    return replies.answer(content, content.topics["leaky_gut"], Memory(), time.time())


def test_answer_is_one_message_with_caution_certainty_and_sources(content, leaky_gut):
    parts = compose(content, items(leaky_gut))
    assert len(leaky_gut) > 1 and len(parts) == 1
    text = parts[0].plain
    assert "gut permeability" in text and "not medical advice" in text
    assert "How sure we are:" in text and "Sources:" in text and "Awaiting clinical review" in text
    assert [title for title, _ in parts[0].buttons][:2] == ["Tell me more", "Sources"]


def test_every_topic_fits_one_message(content):
    for topic in content.topics.values():
        said = replies.answer(content, topic, Memory(), time.time())
        assert len(compose(content, items(said))) == 1, topic.id


def test_numbers_call(content, leaky_gut):
    html = compose(content, items(leaky_gut))[0].html
    assert '<a href="tel:000">000</a>' in html and '<a href="tel:111">111</a>' in html


@pytest.mark.parametrize("text", ["1000 people", "10 000 people", "1,000", "0001", "in 2000."])
def test_digits_that_are_no_number_of_ours_do_not_call(content, text):
    assert "tel:" not in compose(content, [{"text": text}])[0].html


@pytest.mark.parametrize("level", ["E", "C"])
def test_emergency_stands_alone_with_people_to_call(content, level):
    flag = next(f for f in content.flags.values() if level in f.replies)
    part = compose(content, items(replies.safety(content, level, flag.flag)), ["photo"])[0]
    assert content.telegram.text("photo") not in part.plain
    assert part.html.startswith("<b>")
    for contact in flag.replies[level].contacts:
        assert content.numbers[contact].display in part.plain


def test_sources_are_not_told_twice(content):
    said = replies.sources(content, content.topics["leaky_gut"])
    plain = compose(content, items(said))[0].plain
    url = content.sources[content.topics["leaky_gut"].sources[1]].url
    assert plain.count(url or "") == 1 and "Sources:" not in plain
    assert plain.count("Awaiting clinical review") == 1


def test_step_of_the_tour_opens_with_its_heading(content):
    [said] = on_tour(content, path="me", step="2")[-1:]
    [part] = compose(content, items([said]))
    assert part.html.startswith("<b>Step 2 of 6 · The gut link</b>\n")


def everything_said(content):
    now = time.time()
    yield replies.greeting(content, Memory(), now)
    yield replies.menu(content, Memory())
    yield replies.ask_for_whom(content, Memory())
    yield replies.hand_over(content, Memory())
    yield replies.did_you_mean(content, list(map("ask_{}".format, content.topics)), Memory())
    for topic in content.topics.values():
        for person in (None, *replies.PEOPLE):
            yield replies.answer(content, topic, Memory(person=person), now)
        yield replies.more(content, topic)
        yield replies.evidence(content, topic)
        yield replies.sources(content, topic)
    for flag in content.flags.values():
        for level in flag.replies:
            yield replies.safety(content, level, flag.flag)
    for path, its in content.tour.paths.items():
        for step in (*range(1, len(its.steps) + 1), "end"):
            yield on_tour(content, path=path, step=str(step))


def on_tour(content, **values):
    nowhere = read_place(None, content.tour)
    moved = move(content.tour, nowhere, wish_of("next", values))
    return tour_replies(content, moved.place, moved.view, Memory(), time.time())


def test_every_payload_has_1_to_64_bytes(content):
    """T7"""
    payloads = {b.payload for said in everything_said(content) for r in said for b in r.buttons}
    payloads |= {button.payload for button in tour_payloads(content)}
    assert len(payloads) > 50
    assert [p for p in payloads if not 1 <= len(p.encode()) <= MAX_PAYLOAD_BYTES] == []


def test_everything_the_guide_says_can_be_composed(content):
    for said in everything_said(content):
        assert compose(content, items(said))


@pytest.mark.parametrize("note", TelegramText.__args__)
def test_every_text_of_telegram_can_be_said(content, note):
    assert compose(content, [], [note])[0].plain.strip()


def test_nothing_to_say_is_no_message(content):
    assert compose(content, [{"custom": {"kind": "x"}}]) == []


def test_payloads_of_buttons_pass_the_door(content):
    payloads = {b.payload for said in everything_said(content) for r in said for b in r.buttons}
    assert sorted(p for p in payloads if not may_be_tapped(p)) == []
