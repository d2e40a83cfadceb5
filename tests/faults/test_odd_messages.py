"""What people, their thumbs and their networks do: always a useful reply, on every channel."""

import signal
import threading
import uuid

import pytest
from breakable import QUESTION, Person

MARKUP = "<script>alert(1)</script><b>{}</b> [x](javascript:alert(1))"

TYPED = {
    "10,000 characters": lambda words: f"{words}. " + "skin and gut. " * 700,
    "10,000 characters, the words last": lambda words: ("skin and gut. " * 750)[:9_900] + words,
    "binary": lambda words: "\0\x01\x1b[31m\x7f" + words + "\ufffd\0\ud83d",
    "emoji around": lambda words: f"😀🔥🙏🏽 {words} 😱😱",
    "markup": MARKUP.format,
    "payload typed": '/ask_fibre{{"topic":"{}"}}'.format,
    "command typed": "/report_urgent {}".format,
    "unknown button with words": "/no_such_thing {}".format,
    "another language around": "我的孩子有湿疹怎么办. {}".format,
}

ALONE = {
    "empty": "",
    "blank": " \n\t ",
    "emoji alone": "😀🔥🙏🏽",
    "another language": "我的孩子有湿疹怎么办",
    "markup alone": "<img src=x onerror=alert(1)>",
    "command alone": '/report_urgent{"level":"E"}',
    "unknown button": "/no_such_button",
    "number key": "{au_emergency} {{7*7}}",
}


@pytest.mark.parametrize("situation", TYPED)
def test_question_and_red_flags_are_answered_whatever_is_around_them(situation, person, meets):
    if person.channel.startswith("Telegram") and situation == "binary":
        pytest.skip("Telegram itself sends no half surrogates")
    meets(situation, person, TYPED[situation])


@pytest.mark.parametrize("situation", ALONE)
def test_message_without_a_question_gets_a_useful_reply(situation, person, matrix, content):
    if person.channel.startswith("Telegram") and not ALONE[situation].strip():
        pytest.skip("Telegram sends no empty messages")
    met = person.say(ALONE[situation])
    assert content.fill(content.service["something_broke"][0]) not in met.texts
    matrix.note(situation, person.channel, "answers", met)


def test_unknown_button_tapped_gets_a_useful_reply_and_the_flag_after_it_too(
    person, matrix, meets, content
):
    met = person.tap("/ask_about_nothing")
    assert content.fill(content.service["something_broke"][0]) not in met.texts
    matrix.note("unknown button tapped", person.channel, "answers", met)
    meets("after an unknown button", person)


def test_double_tap_is_answered_and_the_flag_after_it_too(person, matrix, meets):
    if person.channel.startswith("Telegram"):
        place = {"message_id": 7, "date": 1, "chat": person.chat.as_json()}
        met = person.waits(lambda: [person.chat.tap("/ask_fibre", place) for _ in range(2)])
        person.guide.api.quiet(1)
        assert len(person.chat.received) == len(met.texts)
    else:
        ids = {"message_id": str(uuid.uuid4())} if person.channel == "web" else {}
        answers = at_once([lambda: person.say("/ask_fibre", **ids)] * 2)
        assert answers[0].texts[0] == answers[1].texts[0]
        met = answers[0]
    matrix.note("double tap", person.channel, "answers", met)
    meets("after a double tap", person)


def test_replayed_message_is_answered_once_and_the_flag_after_it_too(person, matrix, meets):
    if person.channel.startswith("Telegram"):
        update = []
        met = person.waits(lambda: update.append(person.chat.write(QUESTION)))
        person.guide.api.deliver_again(update[0])
        person.guide.api.quiet(1)
        assert len(person.chat.received) == len(met.texts)
    else:
        ids = {"message_id": str(uuid.uuid4())} if person.channel == "web" else {}
        person.say(QUESTION, **ids)
        met = person.say(QUESTION, **ids)
    matrix.note("replayed message", person.channel, "answers", met)
    meets("after a replay", person)


def test_two_tabs_at_once_are_both_answered(person, matrix, expected):
    """The same sender twice on the web; on Telegram a chat beside it."""
    tab = Person(person.guide, person.channel, person.sender)
    words = "my throat is closing up"
    ordinary, urgent = at_once(
        [lambda: person.say(QUESTION), lambda: tab.say(words, expected(words))]
    )
    assert expected(words) in "\n".join(urgent.texts)
    matrix.note("two tabs", person.channel, "answers", ordinary)
    matrix.note("two tabs", person.channel, "emergency", urgent)


def test_restart_in_mid_conversation_is_not_noticed(person, matrix, meets):
    person.say("what is leaky gut?")
    person.guide.kill(signal.SIGKILL)
    person.guide.start()
    met = person.say("tell me more about that")
    matrix.note("restart in mid-conversation", person.channel, "answers", met)
    meets("after a restart", person)


def at_once(calls):
    results = [None] * len(calls)

    def run(place):
        results[place] = calls[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
