"""What the composed replies promise, over all of the reviewed content."""

import time

import pytest

from editorial.content import load_content
from editorial.readability import MAX_WORDS, words
from editorial.replies import (
    FIRST_STEPS,
    MENU,
    Memory,
    answer,
    answer_text,
    ask_for_whom,
    deflections,
    did_you_mean,
    evidence,
    greeting,
    hand_over,
    menu,
    more,
    near_scope,
    next_topics,
    out_of_scope,
    review_label,
    safety,
    several,
    sources,
    topic_for,
    with_way_back,
)

CONTENT = load_content()
TOPICS = sorted(CONTENT.topics)
PEOPLE = [None, "adult", "baby", "child", "pregnant", "weak_immunity"]
FLAG_LEVELS = [(flag.flag, level) for flag in CONTENT.flags.values() for level in "ECSG"]
WORDED = [(flag.flag, level) for flag in CONTENT.flags.values() for level in flag.replies]
ALONE = [(flag, level) for flag, level in WORDED if level in "EC"]


def answered(topic, person=None, **memory):
    return answer(CONTENT, CONTENT.topics[topic], Memory(person=person, **memory), time.time())


def every_reply_on(topic_id):
    topic = CONTENT.topics[topic_id]
    for person in PEOPLE:
        yield from answered(topic_id, person)
        yield from answered(topic_id, person, long_disclaimer_at=time.time())
    for compose in (more, evidence, sources):
        yield from compose(CONTENT, topic)


def general_replies():
    yield from greeting(CONTENT, Memory(), time.time())
    yield from menu(CONTENT, Memory())
    yield from next_topics(CONTENT, Memory())
    yield from hand_over(CONTENT, Memory())
    for kind in CONTENT.kinds:
        yield from out_of_scope(CONTENT, (kind.cues or [""])[0], Memory())
    yield from did_you_mean(CONTENT, [f"ask_{topic}" for topic in TOPICS], Memory())


@pytest.mark.parametrize("topic", TOPICS)
def test_no_bubble_is_over_ninety_words(topic):
    too_long = [r.text for r in every_reply_on(topic) if words(r.text) > MAX_WORDS]
    assert not too_long


@pytest.mark.parametrize("topic", TOPICS)
def test_no_placeholder_is_left_in_a_reply(topic):
    assert not [r.text for r in every_reply_on(topic) if "{" in r.text or "}" in r.text]


@pytest.mark.parametrize("topic", TOPICS)
def test_buttons_fit_telegram_and_lead_to_topics_that_exist(topic):
    buttons = [button for reply in every_reply_on(topic) for button in reply.buttons]
    assert buttons
    assert all(len(button.payload.encode()) <= 64 for button in buttons)
    asked = [b.payload.removeprefix("/ask_") for b in buttons if "{" not in b.payload]
    assert set(asked) <= {*TOPICS, "/change_person"}


@pytest.mark.parametrize("topic", TOPICS)
def test_topic_never_offers_itself(topic):
    payloads = [button.payload for reply in answered(topic) for button in reply.buttons]
    assert f"/ask_{topic}" not in payloads


@pytest.mark.parametrize("topic", TOPICS)
def test_three_next_steps_at_most_stand_under_the_last_bubble(topic):
    *before, last = answered(topic)
    assert 1 <= len(last.buttons) <= 3
    assert not any(reply.buttons for reply in before)


@pytest.mark.parametrize("topic", TOPICS)
def test_answer_comes_first_and_the_rest_is_its_tail(topic):
    first, *tail = answered(topic)
    assert first.custom["kind"] == "answer"
    assert not any(reply.custom.get("kind") for reply in tail)
    assert len(tail) <= 2


def test_baby_without_own_words_gets_the_childs():
    topic = next(
        (t for t in CONTENT.topics.values() if "child" in t.variants and "baby" not in t.variants),
        None,
    )
    if topic is None:
        template = next(t for t in CONTENT.topics.values() if "child" in t.variants)
        topic = template.copy(update={"variants": {"child": template.variants["child"]}})
    said = answer(CONTENT, topic, Memory(person="baby"), time.time())
    assert said[0].text == CONTENT.fill(topic.variants["child"])


def test_replies_of_the_guide_itself_keep_the_same_limits():
    for reply in general_replies():
        assert reply.text.strip()
        assert words(reply.text) <= MAX_WORDS, reply.text
        assert all(len(button.payload.encode()) <= 64 for button in reply.buttons)


@pytest.mark.parametrize(("flag", "level"), FLAG_LEVELS)
def test_every_flag_has_a_reply_at_every_level(flag, level):
    (reply,) = safety(CONTENT, level, flag)
    assert reply.text.strip()
    assert "{" not in reply.text
    assert reply.custom["level"] == level


@pytest.mark.parametrize(("flag", "level"), WORDED)
def test_safety_bubble_is_short_enough(flag, level):
    (reply,) = safety(CONTENT, level, flag)
    assert words(CONTENT.flags[flag].replies[level].text) <= MAX_WORDS
    assert reply.custom["contacts"]


@pytest.mark.parametrize("flag", sorted(CONTENT.flags))
def test_emergency_is_never_answered_with_milder_words(flag):
    (reply,) = safety(CONTENT, "E", flag)
    assert reply.text.startswith("This could be an emergency")


@pytest.mark.parametrize(("flag", "level"), [*ALONE, (None, "E"), ("RF999", "E")])
def test_emergency_or_crisis_stands_alone_with_both_numbers(flag, level):
    replies = safety(CONTENT, level, flag)
    assert len(replies) == 1
    assert replies[0].buttons == ()
    assert "000" in replies[0].text
    assert "111" in replies[0].text
    assert set(replies[0].custom) == {"kind", "level", "contacts"}


@pytest.mark.parametrize(("flag", "level"), ALONE)
def test_emergency_or_crisis_numbers_can_be_tapped_in_both_countries(flag, level):
    (reply,) = safety(CONTENT, level, flag)
    shown = reply.custom["contacts"]
    assert {contact["country"] for contact in shown} >= {"AU", "NZ"}
    assert all(contact["tel"].isdecimal() for contact in shown)


@pytest.mark.parametrize(("flag", "level"), [(f, lv) for f, lv in WORDED if lv == "S"])
def test_same_day_reply_says_what_makes_it_an_emergency(flag, level):
    (reply,) = safety(CONTENT, level, flag)
    assert reply.text.startswith("This should be checked")
    assert "000" in reply.text
    assert "111" in reply.text


def test_way_back_from_a_red_flag_is_a_button_not_a_tip():
    said = safety(CONTENT, "S", "RF5")
    led_on = with_way_back(CONTENT, said, "report_skin_infection")
    assert [reply.text for reply in led_on] == [reply.text for reply in said]
    assert led_on[-1].buttons


def test_menus_name_topics_that_exist():
    assert {*MENU, *FIRST_STEPS} <= set(TOPICS)


def test_unsigned_topic_says_that_review_is_awaited():
    topic = next(topic for topic in CONTENT.topics.values() if topic.signed is None)
    assert review_label(CONTENT, topic) == CONTENT.service["awaiting_review"][0]


def test_signed_topic_says_when_it_was_reviewed():
    template = CONTENT.topics["scfa"]
    data = template.dict() | {"review": {"by": "Dr A", "on": "2026-11-02", "next": "2027-11-02"}}
    assert "02 November 2026" in review_label(CONTENT, type(template)(**data))


@pytest.mark.parametrize("key", ["other_language", "no_text"])
def test_text_of_the_guide_is_said_somewhere(key, request):
    code = [
        file.read_text(encoding="utf-8")
        for folder in ("editorial", "actions", "channels")
        for file in (request.config.rootpath / folder).glob("*.py")
    ]
    assert any(f'"{key}"' in text for text in code)


def test_answers_to_several_topics_are_short_in_order_and_share_one_tail():
    topics = [CONTENT.topics["fermented_foods"], CONTENT.topics["leaky_gut"]]
    memory = Memory()
    said = several(CONTENT, topics, memory, time.time())
    assert [reply.custom.get("topic") for reply in said[:2]] == ["fermented_foods", "leaky_gut"]
    for topic, reply in zip(topics, said, strict=False):
        assert CONTENT.fill(topic.answer).startswith(reply.text)
        assert len(reply.text.split()) < len(topic.answer.split())
    long_form = [r for r in said if r.text in map(CONTENT.fill, CONTENT.disclaimers.long)]
    assert len(long_form) == 1
    assert [button.payload for button in said[-1].buttons] == [
        '/more_detail{"topic":"fermented_foods"}',
        '/more_detail{"topic":"leaky_gut"}',
    ]
    assert (memory.topic_before, memory.last_topic) == ("fermented_foods", "leaky_gut")


@pytest.mark.parametrize("person", ["baby", "child", "pregnant", "weak_immunity"])
def test_who_the_answer_is_for_is_shown_and_can_be_changed(person):
    said = answered("fermented_foods", person)
    assert said[0].custom["person"] == person
    assert said[-1].buttons[-1].payload == "/change_person"
    assert "change" in said[-1].buttons[-1].title


def test_person_who_changes_nothing_is_not_shown():
    payloads = [b.payload for reply in answered("fermented_foods", "adult") for b in reply.buttons]
    assert "/change_person" not in payloads


def test_changing_the_person_forgets_it_and_offers_the_others():
    memory = Memory(person="baby")
    buttons = ask_for_whom(CONTENT, memory)[-1].buttons
    assert memory.person is None
    assert {'/follow_up_person{"person":"teen"}', '/follow_up_person{"person":"adult"}'} <= {
        button.payload for button in buttons
    }
    assert all(len(button.payload.encode()) <= 64 for button in buttons)


def test_teen_gets_the_words_for_a_child():
    topic = CONTENT.topics["fermented_foods"]
    assert answer_text(topic, "teen") == topic.variants["child"]


def test_adult_after_a_childrens_topic_gets_the_topic_for_adults():
    topic = CONTENT.topics["child_probiotics"]
    assert topic_for(CONTENT, topic, "adult").id == "probiotics"
    assert topic_for(CONTENT, topic, "baby") is topic


@pytest.mark.parametrize("intent", ["ask_medication", "ask_diagnosis", "ask_what_is_eczema"])
def test_named_kind_near_our_field_is_met_before_the_answer(intent):
    cue = CONTENT.near_scope.kinds[0].cues[0]
    said = near_scope(CONTENT, intent, f"please tell me about {cue}")
    assert [reply.custom["scope"] for reply in said] == [CONTENT.near_scope.kinds[0].id]


def test_other_intents_are_not_held_up_by_a_near_kind():
    cue = CONTENT.near_scope.kinds[0].cues[0]
    assert near_scope(CONTENT, "ask_fibre", f"fibre and {cue}") == []


@pytest.mark.parametrize("kind", CONTENT.near_scope.kinds, ids=lambda kind: kind.id)
def test_every_near_kind_answers_to_its_own_cues(kind):
    for cue in kind.cues[:3]:
        reply = out_of_scope(CONTENT, f"a question about {cue} please", Memory())[0]
        assert reply.custom["scope"] == kind.id


def test_there_are_twenty_named_kinds_near_our_field():
    assert len(CONTENT.near_scope.kinds) >= 20


def test_named_medicine_is_deflected_within_a_topic():
    fibre, antibiotics = CONTENT.topics["fibre"], CONTENT.topics["antibiotics"]
    assert len(deflections(CONTENT, fibre, "fibre and advantan", {"medicine"})) == 1
    assert deflections(CONTENT, antibiotics, "amoxil and the gut", {"medicine"}) == []
    assert deflections(CONTENT, fibre, "fibre", {"person"}) == []
