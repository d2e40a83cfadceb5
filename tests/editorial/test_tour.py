"""The guided tour, button by button and typed; played on the state machine, without Rasa."""

import json
import time

import pytest

from channels.incoming import may_be_tapped
from components.payload import payload_intent
from editorial.content import load_content
from editorial.replies import Memory
from editorial.tour import Place, kept, leave, move, payload, read_place, set_aside, wish_of
from editorial.tour_replies import tour_payloads, tour_replies, way_back

CONTENT = load_content()
TOUR = CONTENT.tour
COUNT = 6
# Everything else is an intent of its own or a kind of "next".
INTENTS = {
    "go back": "back",
    "stop": "stop",
    "tour": "start_tour",
    "back to the tour": "start_tour",
    "start the tour again": "start_tour",
}


class Visitor:
    """Somebody on the tour."""

    def __init__(self):
        self.memory = Memory()
        self.events = []
        self.bubbles = []

    @property
    def place(self):
        return read_place(self.memory.tour, TOUR)

    @property
    def text(self):
        return "\n".join(bubble.text for bubble in self.bubbles)

    @property
    def header(self):
        return self.bubbles[-1].text.split("\n")[0]

    @property
    def buttons(self):
        return {button.title: button.payload for button in self.bubbles[-1].buttons}

    def tap(self, sent):
        intent = payload_intent(sent)
        assert intent, f"{sent} is no payload"
        values = json.loads(sent.removeprefix(f"/{intent}") or "{}")
        return self._go(wish_of(intent, values, sent))

    def type(self, words):
        intent = INTENTS.get(words, "next")
        return self._go(wish_of(intent, {}, words))

    def ask_something_else(self):
        self.memory.tour = kept(set_aside(self.place))

    def _go(self, wish):
        moved = move(TOUR, self.place, wish)
        if moved is None:
            return None
        self.bubbles = tour_replies(CONTENT, moved.place, moved.view, self.memory, time.time())
        self.events += moved.events
        return moved.view.kind


@pytest.fixture
def visitor():
    return Visitor()


@pytest.fixture
def at_step():
    def there(number, path="me"):
        visitor = Visitor()
        visitor.tap(payload("start_tour", path=path))
        for _ in range(number - 1):
            visitor.type("next")
        visitor.events.clear()
        return visitor

    return there


def counted(visitor):
    return [(event.what, event.step) for event in visitor.events]


# --- G1: "Step n of 6"


@pytest.mark.parametrize("path", TOUR.paths)
def test_every_step_of_a_path_says_its_number_and_name(visitor, path):
    visitor.tap(payload("start_tour", path=path))
    for number, step_id in enumerate(TOUR.paths[path].steps, 1):
        assert visitor.header == f"Step {number} of {COUNT} · {TOUR.steps[step_id].title}"
        visitor.type("next")
    assert visitor.place.status == "finished"


def test_there_are_three_paths_of_six_steps(visitor):
    visitor.tap("/start_tour")
    assert list(visitor.buttons) == [path.title for path in TOUR.paths.values()]
    assert [len(path.steps) for path in TOUR.paths.values()] == [COUNT] * 3


def test_buttons_stand_in_one_order_and_the_next_one_is_named(at_step):
    third = TOUR.steps[TOUR.paths["me"].steps[2]].title
    assert list(at_step(2).buttons) == [f"Next: {third}", "Back", "Skip to list", "Stop for now"]


def test_all_buttons_can_be_tapped_and_fit_telegram():
    for button in tour_payloads(CONTENT):
        assert may_be_tapped(button.payload), button
        assert 1 <= len(button.payload.encode()) <= 64, button
        assert 1 <= len(button.title) <= 20, button


# --- G2: back at 1 and next at 6


def test_first_step_has_no_back_button(at_step):
    assert "Back" not in at_step(1).buttons


def test_back_typed_at_the_first_step_says_so_and_stays(at_step):
    visitor = at_step(1)
    visitor.type("go back")
    assert visitor.header.startswith("Step 1 of 6")
    assert TOUR.words.first_step in visitor.text


def test_next_after_the_last_step_is_the_end(at_step):
    visitor = at_step(COUNT)
    assert visitor.type("next") == "end"
    assert next(iter(at_step(COUNT).buttons)) == TOUR.words.finish


def test_back_at_the_end_is_the_last_step(at_step):
    visitor = at_step(COUNT)
    visitor.type("next")
    visitor.type("go back")
    assert visitor.header.startswith("Step 6 of 6")


# --- G3: skip marks


def test_skipped_step_is_marked_and_the_next_one_shown(at_step):
    visitor = at_step(2)
    visitor.type("skip this")
    assert visitor.header.startswith("Step 3 of 6")
    visitor.tap('/next{"step":"list","path":"me"}')
    lines = visitor.text.split("\n")
    assert lines[1].endswith("(seen)")
    assert lines[2].endswith("(skipped)")
    assert lines[3].endswith("(you are here)")
    assert not lines[4].endswith(")")


def test_skipped_step_that_is_looked_at_later_counts_as_seen(at_step):
    visitor = at_step(2)
    visitor.type("skip this")
    visitor.type("step 2")
    assert visitor.place.skipped == ()


# --- G4: stop, and coming back


def test_stop_keeps_the_place_and_offers_to_go_on(at_step):
    visitor = at_step(3)
    assert visitor.tap("/stop") == "stopped"
    assert visitor.buttons["Continue at step 3"] == '/next{"step":"3","path":"me"}'
    assert counted(visitor) == [("left", 3)]


@pytest.mark.parametrize("again", ["tour", "where was I", "next"])
def test_whoever_comes_back_may_continue_start_again_or_see_topics(at_step, again):
    visitor = at_step(3)
    visitor.tap("/stop")
    visitor.memory = Memory(tour=json.loads(json.dumps(visitor.memory.tour)))
    assert visitor.type(again) == "resume"
    assert list(visitor.buttons) == ["Continue at step 3", "Start again", "Topics"]
    visitor.tap(visitor.buttons["Continue at step 3"])
    assert visitor.header.startswith("Step 3 of 6")
    assert ("resumed", 3) in counted(visitor)


def test_start_again_lets_choose_a_path_and_loses_nothing_before(at_step):
    visitor = at_step(3)
    visitor.type("tour")
    visitor.tap(visitor.buttons["Start again"])
    assert visitor.place.step == 3
    visitor.tap(visitor.buttons["I have eczema"])
    assert visitor.header.startswith("Step 1 of 6")


def test_place_in_a_tour_that_has_since_become_shorter_is_its_last_step():
    memory = {"status": "stopped", "path": "me", "step": 40, "seen": ["fibre", "gone", "gone"]}
    place = read_place(memory, TOUR)
    assert (place.step, place.seen) == (COUNT, ())


@pytest.mark.parametrize(
    "memory",
    [None, "x", [], {}, {"status": "running", "path": "gone", "step": 2}, {"status": 7}],
)
def test_memory_that_makes_no_sense_is_a_new_start(memory):
    assert read_place(memory, TOUR) == Place()


# --- G5: questions in between


def test_question_in_between_offers_the_way_back_to_the_step(at_step):
    visitor = at_step(2)
    visitor.ask_something_else()
    [button] = way_back(CONTENT, visitor.place)
    assert button.title == "Back to step 2 of 6"
    visitor.tap(button.payload)
    assert visitor.header.startswith("Step 2 of 6")


def test_back_typed_after_a_question_is_the_step_again(at_step):
    visitor = at_step(2)
    visitor.ask_something_else()
    visitor.type("go back")
    assert visitor.header.startswith("Step 2 of 6")


def test_next_typed_after_a_question_is_the_next_step(at_step):
    visitor = at_step(2)
    visitor.ask_something_else()
    visitor.type("next")
    assert visitor.header.startswith("Step 3 of 6")


# --- G6: old buttons


def test_old_button_shows_its_own_step(at_step):
    visitor = at_step(5)
    visitor.tap('/next{"step":"2","path":"me"}')
    assert visitor.header.startswith("Step 2 of 6")
    assert visitor.place.step == 2


def test_old_button_of_another_path_shows_that_path(at_step):
    visitor = at_step(3)
    visitor.tap('/next{"step":"2","path":"carer"}')
    assert TOUR.steps["children"].text in visitor.text


def test_button_without_a_path_means_the_path_one_is_on(at_step):
    visitor = at_step(1, "carer")
    visitor.tap('/next{"step":"2"}')
    assert TOUR.steps["children"].text in visitor.text


@pytest.mark.parametrize("step", ["0", "7", "99", "999999", "x"])
def test_step_that_is_not_there_leads_to_the_list(at_step, step):
    visitor = at_step(2)
    assert visitor.tap(f'/next{{"step":"{step}","path":"me"}}') == "list"
    assert TOUR.words.no_such_step in visitor.text
    assert visitor.place.step == 2


# --- G7: double tap


def test_double_tap_shows_the_same_step_and_counts_once(at_step):
    visitor = at_step(1)
    twice = visitor.buttons["Next: The gut link"]
    visitor.tap(twice)
    first = visitor.text
    visitor.tap(twice)
    assert visitor.text == first
    assert visitor.place.step == 2
    assert counted(visitor) == [("reached", 2)]


@pytest.mark.parametrize("sent", ["/stop", '/next{"step":"end","path":"me"}'])
def test_stop_or_finish_tapped_twice_counts_once(at_step, sent):
    visitor = at_step(COUNT)
    visitor.tap(sent)
    visitor.tap(sent)
    assert len(visitor.events) == 1


# --- G8, G9, G10: the end


def test_recap_lists_the_steps_seen_and_no_other(at_step):
    visitor = at_step(2)
    visitor.type("skip this")
    visitor.type("step 6")
    visitor.type("next")
    recap = visitor.bubbles[0].text.split("\n")[1:]
    seen = [TOUR.steps[one].recap for one in ("what_is_eczema", "leaky_gut", "seek_help")]
    assert recap == [f"- {line}" for line in seen]


def test_end_has_things_to_try_a_card_for_the_gp_and_links(at_step):
    visitor = at_step(COUNT)
    visitor.type("next")
    path = TOUR.paths["me"]
    assert all(line in visitor.text for line in (*path.try_this_week, *path.gp_ask))
    card = next(bubble for bubble in visitor.bubbles if bubble.custom.get("card") == "gp")
    assert path.gp_ask[0] in card.text
    assert {"/ask_membership", "/ask_who_to_see", "/ask_seek_help"} <= {*visitor.buttons.values()}
    assert {"/feedback_good", "/feedback_bad"} <= {*visitor.buttons.values()}


def test_end_reached_with_nothing_seen_still_leads_on(visitor):
    visitor.tap('/next{"step":"end","path":"me"}')
    assert TOUR.words.nothing_seen in visitor.text
    assert TOUR.words.see_steps in visitor.buttons


def test_quiz_explains_each_answer_at_once_and_grades_none(at_step):
    visitor = at_step(COUNT)
    visitor.type("next")
    sent = visitor.buttons[TOUR.words.quiz]
    for asked in TOUR.quiz:
        visitor.tap(sent)
        assert asked.question in visitor.text
        option = visitor.buttons[asked.options[-1]]
        visitor.tap(option)
        assert visitor.text == CONTENT.fill(asked.explained)
        sent = next(iter(visitor.buttons.values()))
    assert visitor.tap(sent) == "quiz_done"


def test_quiz_can_be_skipped_at_any_question(visitor):
    for number in range(1, 4):
        visitor.tap(payload("next", quiz=number))
        assert visitor.tap(visitor.buttons[TOUR.words.skip_quiz]) == "quiz_done"
        assert visitor.buttons


def test_every_step_has_one_source_that_can_be_shown(visitor):
    for path_id, path in TOUR.paths.items():
        for number in range(1, len(path.steps) + 1):
            visitor.tap(payload("next", step=number, path=path_id))
            [source] = visitor.bubbles[-1].custom["sources"]
            assert source["title"]


def test_tour_says_at_its_start_and_end_that_it_is_no_medical_advice(visitor):
    visitor.tap("/start_tour")
    assert "not medical advice" in visitor.text
    visitor.tap(visitor.buttons["I have eczema"])
    assert "not medical advice" in visitor.text
    visitor.tap('/next{"step":"end","path":"me"}')
    assert "not medical advice" in visitor.bubbles[-1].text


def test_tour_says_that_it_awaits_review(at_step):
    assert at_step(1).bubbles[-1].custom["review"]["label"] == "Awaiting clinical review"


# --- G11: red flags


def test_red_flag_leaves_the_tour_and_keeps_the_place(at_step):
    visitor = at_step(4)
    place, events = leave(visitor.place)
    assert (place.status, place.step) == ("left", 4)
    assert [event.what for event in events] == ["left"]
    assert not place.is_open


def test_red_flag_outside_the_tour_counts_nothing():
    assert leave(Place())[1] == ()


# --- typed words


@pytest.mark.parametrize(
    ("words", "header"),
    [
        ("next", "Step 4 of 6"),
        ("carry on", "Step 4 of 6"),
        ("go back", "Step 2 of 6"),
        ("skip this", "Step 4 of 6"),
        ("step 5", "Step 5 of 6"),
        ("step five", "Step 5 of 6"),
        ("where was I", "Step 3 of 6"),
        ("which step am I on", "Step 3 of 6"),
        ("how many steps are left", "Step 3 of 6"),
        ("back to the tour", "Step 3 of 6"),
        ("carry on with the tour", "Step 3 of 6"),
    ],
)
def test_typed_words_move_as_buttons_do(at_step, words, header):
    visitor = at_step(3)
    visitor.type(words)
    assert visitor.header.startswith(header)


@pytest.mark.parametrize("words", ["next", "go back", "skip this", "stop"])
def test_words_typed_outside_the_tour_are_not_about_it(visitor, words):
    assert visitor.type(words) is None


def test_start_the_tour_again_lets_choose_a_path(at_step):
    assert at_step(3).type("start the tour again") == "paths"


@pytest.mark.parametrize("words", ["list the steps", "skip to the list", "show the steps"])
def test_list_of_steps_can_be_asked_for(at_step, words):
    assert at_step(3).type(words) == "list"


def test_where_was_i_without_a_tour_offers_its_paths(visitor):
    assert visitor.type("where was I") == "paths"


def test_walk_from_start_to_end_is_counted(visitor):
    visitor.tap(payload("start_tour", path="me"))
    for _ in range(COUNT):
        visitor.type("next")
    reached = [("reached", number) for number in range(1, COUNT + 1)]
    assert counted(visitor) == [("started", 0), *reached, ("finished", 0)]


def test_finish_typed_at_the_last_step_ends_the_tour_and_earlier_keeps_the_place(at_step):
    for intent in ("stop", "next"):
        early = at_step(3)
        early._go(wish_of(intent, {}, "finish"))
        assert (early.place.status, early.place.step) == ("stopped", 3)
        late = at_step(COUNT)
        late._go(wish_of(intent, {}, "Finish"))
        assert late.place.status == "finished"


def test_quiz_can_be_asked_for_and_skipped_in_words(at_step):
    visitor = at_step(COUNT)
    visitor.type("next")
    visitor.type("quick quiz")
    assert visitor.header == f"Question 1 of {len(TOUR.quiz)}"
    visitor.type("skip the quiz")
    assert visitor.text == TOUR.words.quiz_done
