"""The guided tour as the website meets it: restarts, a month away, double taps, red flags."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

MONTH = 30 * 24 * 3600
THIRD = '/next{"step":"3","path":"me"}'


def buttons(bubbles):
    return [button["payload"] for bubble in bubbles for button in bubble.get("buttons", [])]


def header(bubbles):
    return bubbles[-1]["text"].split("\n")[0]


def walk_to_step_3(visitor):
    visitor.say('/start_tour{"path":"me"}')
    visitor.say('/next{"step":"2","path":"me"}')
    bubbles = visitor.say(THIRD)
    assert header(bubbles).startswith("Step 3 of 6")


def let_a_month_pass(guide, visitor):
    with sqlite3.connect(guide.database) as database:
        sender = guide.kept_as(visitor.sender)
        rows = database.execute("SELECT id, data FROM events WHERE sender_id = ?", (sender,))
        for row, data in rows.fetchall():
            event = json.loads(data)
            event["timestamp"] -= MONTH
            database.execute(
                "UPDATE events SET timestamp = ?, data = ? WHERE id = ?",
                (event["timestamp"], json.dumps(event), row),
            )


def test_every_button_of_a_whole_path_leads_on_to_the_end(visitor, content):
    bubbles = visitor.say("/start_tour")
    for number in range(1, 7):
        bubbles = visitor.say(buttons(bubbles)[0])
        assert header(bubbles).startswith(f"Step {number} of 6")
        assert bubbles[-1]["custom"]["sources"]
    bubbles = visitor.say(buttons(bubbles)[0])
    assert bubbles[0]["text"].startswith(content.tour.words.recap)
    assert "/ask_membership" in buttons(bubbles)


def test_typed_words_move_through_the_tour(visitor):
    walk_to_step_3(visitor)
    for words, number in [("next", 4), ("go back", 3), ("skip this", 4), ("step 2", 2)]:
        assert header(visitor.say(words)).startswith(f"Step {number} of 6"), words
    assert header(visitor.say("where was I")).startswith("Step 2 of 6")


def titles(bubbles):
    return [button["title"] for bubble in bubbles for button in bubble.get("buttons", [])]


@pytest.mark.parametrize(
    ("typed", "path"), [("I have eczema", "me"), ("i care for a chidl!", "carer")]
)
def test_path_that_is_typed_begins_as_one_that_is_tapped(visitor, typed, path):
    visitor.say("/start_tour")
    bubbles = visitor.say(typed)
    assert header(bubbles).startswith("Step 1 of 6")
    assert bubbles[-1]["custom"]["path"] == path


def test_path_that_is_typed_without_being_offered_is_a_statement(visitor):
    bubbles = visitor.say("I have eczema")
    assert "step" not in bubbles[-1].get("custom", {})


def test_typed_titles_lead_through_a_whole_path(visitor, content):
    bubbles = visitor.say("/start_tour")
    for number in range(1, 7):
        bubbles = visitor.say(titles(bubbles)[0].lower())
        assert header(bubbles).startswith(f"Step {number} of 6")
    bubbles = visitor.say(titles(bubbles)[0])
    assert bubbles[0]["text"].startswith(content.tour.words.recap)


def test_title_that_was_offered_before_a_question_no_longer_counts(visitor):
    visitor.say("/start_tour")
    visitor.say("what are short chain fatty acids")
    bubbles = visitor.say("I have eczema")
    assert "step" not in bubbles[-1].get("custom", {})


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        ("my throat is closing up and I can't breathe", "E"),
        ("I have eczema and my lips are swelling", "E"),
        ("I want to kill myself", "C"),
    ],
)
def test_red_flag_typed_where_paths_are_offered_stays_a_red_flag(visitor, typed, level):
    visitor.say("/start_tour")
    [alarm] = visitor.say(typed)
    assert alarm["custom"]["level"] == level


def test_question_in_between_is_answered_and_the_way_back_offered(visitor):
    walk_to_step_3(visitor)
    bubbles = visitor.say("what are short chain fatty acids")
    assert bubbles[0]["custom"]["topic"] == "scfa"
    assert buttons(bubbles)[-1] == THIRD


def test_double_tap_is_one_answer_and_goes_one_step(visitor):
    visitor.say('/start_tour{"path":"me"}')
    second = '/next{"step":"2","path":"me"}'
    with ThreadPoolExecutor(2) as taps:
        first, again = taps.map(visitor.say, [second, second])
    assert first == again
    assert header(visitor.say("next")).startswith("Step 3 of 6")


def test_red_flag_leaves_the_tour_and_keeps_the_place(visitor):
    walk_to_step_3(visitor)
    [alarm] = visitor.say("my throat is closing up and I can't breathe")
    assert alarm["custom"]["level"] == "E"
    assert buttons([alarm]) == []
    assert THIRD in buttons(visitor.say("no, that is not happening"))
    assert header(visitor.say(THIRD)).startswith("Step 3 of 6")


def test_next_step_tapped_after_an_emergency_repeats_the_emergency_once(visitor):
    walk_to_step_3(visitor)
    alarm = visitor.say("my throat is closing up and I can't breathe")
    assert visitor.say('/next{"step":"4","path":"me"}') == alarm
    assert header(visitor.say(THIRD)).startswith("Step 3 of 6")


def test_place_is_kept_for_a_month_and_in_an_old_tab(guide, visitor):
    walk_to_step_3(visitor)
    visitor.say("/stop")
    let_a_month_pass(guide, visitor)
    assert THIRD in buttons(visitor.say("hello"))
    assert buttons(visitor.say("/start_tour"))[0] == THIRD
    assert header(visitor.say('/next{"step":"2","path":"me"}')).startswith("Step 2 of 6")


def test_place_is_kept_through_sixty_other_messages(visitor):
    walk_to_step_3(visitor)
    visitor.say("/stop")
    for number in range(60):
        visitor.say(f"/ask_{('scfa', 'fibre', 'stress')[number % 3]}")
    assert buttons(visitor.say("/start_tour"))[0] == THIRD


def test_place_goes_with_the_data(visitor):
    walk_to_step_3(visitor)
    assert buttons(visitor.say("/delete_my_data")) == []
    assert THIRD not in buttons(visitor.say("/start_tour"))


def test_payload_with_a_step_that_is_not_there_shows_the_list(visitor, content):
    walk_to_step_3(visitor)
    assert content.tour.words.no_such_step in visitor.say('/next{"step":"77"}')[-1]["text"]
    assert header(visitor.say("where was I")).startswith("Step 3 of 6")


def test_restart_of_the_server_keeps_the_place_and_the_counts(guide, visitor):
    walk_to_step_3(visitor)
    visitor.say("/stop")
    assert guide.stop() == 0
    guide.start()
    assert buttons(visitor.say("tour"))[0] == THIRD
    assert header(visitor.say(THIRD)).startswith("Step 3 of 6")
    with sqlite3.connect(guide.database) as database:
        counted = {row[0] for row in database.execute("SELECT what FROM tour_counts")}
    assert {"started", "reached", "left", "resumed"} <= counted
