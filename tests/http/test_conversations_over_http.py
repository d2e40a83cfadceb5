"""Whole conversations, through restarts and beside others."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor


def topic(bubbles):
    return (bubbles[0].get("custom") or {}).get("topic")


def rows_of(guide, sender, kind="%"):
    with sqlite3.connect(guide.database) as database:
        query = "SELECT count(*) FROM events WHERE sender_id = ? AND type_name LIKE ?"
        return database.execute(query, (guide.kept_as(sender), kind)).fetchone()[0]


def test_newcomer_asks_for_more_sources_and_their_baby(visitor, content):
    assert content.fill(content.disclaimers.long[0]) in [b["text"] for b in visitor.say("hello")]
    assert topic(visitor.say("what are short chain fatty acids")) == "scfa"
    scfa = content.topics["scfa"]
    assert visitor.say("tell me more")[0]["text"] == content.fill(scfa.more)
    assert content.sources[scfa.sources[0]].title in visitor.say("sources please")[0]["text"]
    assert visitor.say("and for my baby?")[0]["text"] == content.fill(scfa.variants["baby"])
    assert visitor.say("thanks")


def test_how_sure_are_you_rates_the_last_answer(visitor, content):
    visitor.say("/ask_scfa")
    rating = content.evidence[content.topics["scfa"].evidence.rating]
    assert visitor.say("how sure are you about that")[0]["text"].startswith(rating.label)


def test_did_you_mean_button_leads_to_its_answer(visitor, somebody_unclear):
    buttons = somebody_unclear()[-1]["buttons"]
    assert 1 <= len(buttons) <= 3
    assert topic(visitor.say(buttons[0]["payload"])) == buttons[0]["payload"][len("/ask_") :]


def test_every_button_on_the_way_leads_somewhere(visitor):
    waiting, tapped = ["hello", "/ask_fibre", "/help_menu", "/start_tour", "/next"], set()
    while waiting and len(tapped) < 60:
        message = waiting.pop(0)
        tapped.add(message)
        for bubble in visitor.say(message):
            assert "went wrong" not in bubble["text"], message
            payloads = [button["payload"] for button in bubble.get("buttons", [])]
            assert all(len(payload.encode()) <= 64 for payload in payloads)
            waiting += [one for one in payloads if one not in tapped and one not in waiting]


def test_sixty_messages_of_one_conversation_are_all_answered_and_kept_once(guide, visitor):
    topics = ["scfa", "fibre", "stress", "probiotics", "leaky_gut"]
    for number in range(60):
        expected = topics[number % len(topics)]
        assert topic(visitor.say(f"/ask_{expected}")) == expected
    assert rows_of(guide, visitor.sender, "user") == 60


def test_last_topic_and_person_are_remembered_through_forty_thanks(visitor, content):
    visitor.say("what are short chain fatty acids, my baby is 6 months old")
    for _ in range(40):
        visitor.say("/thanks")
    answer = visitor.say("/ask_fibre")
    assert answer[0]["text"] == content.fill(content.topics["fibre"].variants["baby"])
    assert topic(visitor.say("/back")) == "scfa"


def test_two_people_do_not_mix(visitor, another_visitor):
    visitor.say("/ask_scfa")
    another_visitor.say("/ask_stress")
    visitor.say("it is for my baby")
    assert topic(visitor.say("/more_detail")) == "scfa"
    assert topic(another_visitor.say("/more_detail")) == "stress"


def test_what_one_says_of_a_baby_changes_nothing_for_the_other(visitor, another_visitor, content):
    visitor.say("my baby is 6 months old, what are short chain fatty acids")
    answer = another_visitor.say("/ask_scfa")[0]["text"]
    assert answer == content.fill(content.topics["scfa"].answer)


def test_double_tap_is_answered_twice(visitor):
    with ThreadPoolExecutor(2) as taps:
        answers = list(taps.map(visitor.say, ["/ask_scfa", "/ask_scfa"]))
    assert [topic(answer) for answer in answers] == ["scfa", "scfa"]


def test_delete_my_data_empties_this_conversation_only(guide, visitor, another_visitor):
    visitor.say("what are short chain fatty acids")
    another_visitor.say("/ask_fibre")
    assert rows_of(guide, visitor.sender) > 0
    visitor.say("delete my data")
    assert rows_of(guide, visitor.sender) == 0
    assert rows_of(guide, another_visitor.sender) > 0


def test_deleted_words_are_nowhere_in_the_database_files(guide, visitor):
    visitor.say("what is eczema, my name is Zebulonia Quackenbush")
    visitor.say("/delete_my_data")
    for file in guide.folder.glob("conversations.db*"):
        assert b"Zebulonia" not in file.read_bytes(), file.name


def test_conversation_after_a_deletion_starts_afresh(visitor, content):
    visitor.say("/ask_scfa")
    visitor.say("/delete_my_data")
    long = content.fill(content.disclaimers.long[0])
    assert long in [bubble["text"] for bubble in visitor.say("/ask_fibre")]
    assert topic(visitor.say("/back")) is None


def test_restarting_the_conversation_is_answered(visitor, content):
    visitor.say("/ask_scfa")
    text = visitor.say("/restart")[0]["text"]
    assert text != content.fill(content.service["something_broke"][0])


def test_restart_of_the_server_keeps_the_last_topic(guide, visitor):
    visitor.say("/ask_scfa")
    assert guide.stop() == 0
    guide.start()
    assert topic(visitor.say("tell me more")) == "scfa"
    assert "Traceback" not in guide.log
