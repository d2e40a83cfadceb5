"""The safety gate catches what it must and leaves ordinary questions alone.

Most cases come from the pattern file itself: every sign brings its own examples and counters.
"""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.safety.gate import Finding, SafetyGate
from components.safety.patterns import ORDER, PatternError, load
from components.safety.tidying import tidy

PATTERNS = Path(__file__).resolve().parents[2] / "components" / "safety" / "patterns.yml"
GATE = SafetyGate.from_file(PATTERNS)
EXAMPLES = [(sign, line) for sign in GATE.signs for line in sign.examples]
STALLED = 1.0  # seconds of the processor; an answer must be there after 8 by the clock
COUNTERS = [(sign, line) for sign in GATE.signs for line in sign.counter]


def level(text: str) -> str | None:
    return GATE.check(text).level


def rank(found: str | None) -> int:
    return len(ORDER) if found is None else [*ORDER].index(found)


# -- what the pattern file promises ---------------------------------------------------------------


@pytest.mark.parametrize(("sign", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_an_example_reaches_its_level(sign, line):
    assert rank(level(line)) <= rank(sign.level)


@pytest.mark.parametrize(("sign", "line"), COUNTERS, ids=[line for _, line in COUNTERS])
def test_a_counter_is_no_emergency_and_not_this_sign(sign, line):
    found = GATE.check(line)
    assert found.sign != sign.id
    assert found.level not in {"E", "C"}


@pytest.mark.parametrize("sign", GATE.signs, ids=[sign.id for sign in GATE.signs])
def test_a_sign_has_three_examples_and_a_counter(sign):
    assert len(sign.examples) >= 3
    assert sign.counter


def test_every_flag_has_signs_but_the_two_left_to_the_classifier():
    flags = {sign.flag for sign in GATE.signs}
    assert {f"RF{number}" for number in range(1, 21)} <= flags


# -- the cases the classifier must get right ------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("can i use yoghurt as my lips swelled up after it", {"RF1", "RF2"}),
        ("is kombucha ok, my lips are swelling", {"RF1"}),
        ("this itch makes me want to kill myself", {"RF13"}),
        ("baby has reflux and blood in poo", {"RF9"}),
    ],
)
def test_danger_beats_the_topic(text, flags):
    assert GATE.check(text).flag in flags


@pytest.mark.parametrize(
    "text",
    [
        "not breathing problems just wondering about probiotics",
        "I had anaphylaxis to egg when little, is kefir ok",
        "my skin is killing me, any tips?",
        "baby has cradle cap and reflux, gut link?",
    ],
)
def test_no_emergency(text):
    assert level(text) not in {"E", "C"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anafalaxis help", "E"),
        ("having an anafilactic reaction", "E"),
        ("siezure", "E"),
        ("i used the epi pen", "E"),
        ("oozing exma with yellow crust", "S"),
        ("pus in my eczma", "S"),
        ("my excema is weeping and smells", "S"),
        ("i think it is eczema herpaticum", "S"),
        ("diarhea for weeks", "G"),
        ("can i have probitoics while pregnant", "G"),
        ("bubba won't feed", "E"),
        ("pēpi won't wake up", "E"),
        ("my tamariki can't breathe", "E"),
        ("she cant breeth", "E"),
        ("his tounge is swolen", "E"),
        ("my thraot is closing", "E"),
        ("she has a hgih feever and is shivring", "E"),
        ("watery bilsters in her excema", "S"),
        ("the cellulitus is spreeding", "S"),
        ("blak tarry poo", "E"),
        ("constapated for munths", "G"),
    ],
)
def test_spelling(text, expected):
    assert rank(level(text)) <= rank(expected)


@pytest.mark.parametrize(
    "text",
    [
        "hapy with the oat milk",
        "does montelukast help",
        "is dupixent subsidised here",
        "my weet bix has fibre",
        "the kids love hoki and kumara",
    ],
)
def test_a_word_that_is_no_misspelling_stays_what_it_is(text):
    assert level(text) is None


def test_who_it_is_about_may_stand_in_a_question():
    assert level("which cream for a 4 week old? he has tiny blisters on his scalp") == "E"


# -- level modifiers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("without", "with_modifier", "levels"),
    [
        ("his eczema is oozing and smells", "my baby's eczema is oozing and smells", "SE"),
        ("reflux getting worse", "bub's reflux is getting worse", "GS"),
        ("little blisters in her eczema", "little blisters in my 8mo's eczema", "SE"),
        ("my eczema is infected", "my eczema is infected and i'm on methotrexate", "SE"),
        ("hives after egg", "hives after egg, my baby is floppy", "SE"),
        ("hives after egg", "bub got hives after egg", "SS"),
        ("i want to die", "i want to die, my baby never sleeps", "CC"),
        ("8 month old with a fever", "8 week old with a fever", "SE"),
        ("pus in the patches", "pus in the patches and a fever", "SE"),
    ],
)
def test_a_modifier_raises_the_level(without, with_modifier, levels):
    assert (level(without), level(with_modifier)) == tuple(levels)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("6 week old", "underthreemonths"),
        ("6wk bub", "underthreemonths"),
        ("ten days old", "underthreemonths"),
        ("she is only seven weeks.", "underthreemonths"),
        ("8mo", "underoneyear"),
        ("6-month-old", "underoneyear"),
        ("18mo", "overoneyear"),
        ("temp of 38.7", "hightemperature"),
        ("39.4C", "hightemperature"),
        ("103 F", "hightemperature"),
        ("i'm 23 weeks, is miso ok", "weekspregnant"),
        ("due in august. which tea", "weekspregnant"),
        ("born at 27+3", "bornearly"),
        ("he was 1350 g at birth", "bornearly"),
        ("my baby 9 day, windy", "fewdays"),
        ("my own milk upsets him", "mymilk"),
        ("went from 71 to 60 kilos", "kiloslost"),
    ],
)
def test_ages_and_temperatures_become_one_word(text, word):
    assert word in tidy(text).split()


@pytest.mark.parametrize("text", ["38 weeks pregnant", "rash for 3 weeks", "38.2kg", "3 weeks ago"])
def test_other_numbers_stay(text):
    assert not {"underthreemonths", "hightemperature"} & set(tidy(text).split())


# -- wording that lowers the level, and wording that only looks so --------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "no trouble breathing",
        "hasn't got a fever",
        "he isn't floppy",
        "there is no swelling of the tongue, lips or face",
        "she has never had a seizure",
        "nobody's lips are swollen",
    ],
)
def test_a_denied_sign_is_silent(text):
    assert level(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "can't breathe",
        "he's not breathing",
        "won't wake",
        "she isn't responding",
        "no fever but he can't breathe",
        "not sure what it is but his lips are swelling",
        "i don't know what to do she has collapsed",
        "no wet nappies since last night",
        "it isn't reflux and he is wheezing",
    ],
)
def test_a_not_that_belongs_to_the_sign_does_not_deny_it(text):
    assert level(text) == "E"


@pytest.mark.parametrize(
    "text",
    [
        "had anaphylaxis in 2019",
        "my throat swelled up from kiwi years ago",
        "i passed out when i was little",
        "i used to get seizures",
        "my brother once had a seizure",
        "febrile convulsions as a toddler, can she take probiotics now",
        "he stopped breathing as a newborn, he is nine",
        "my uncle died of anaphylaxis",
        "she was born limp and blue",
    ],
)
def test_history_is_silent(text):
    assert level(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "had anaphylaxis in 2019 and now my throat is closing",
        "it happened years ago and again today he collapsed",
        "used to get hives, tonight his lips are swelling",
        "she had a seizure last year and is having another seizure",
    ],
)
def test_history_that_comes_back_is_not(text):
    assert level(text) == "E"


@pytest.mark.parametrize(
    "text",
    [
        "i don't really see the point of going on",
        "i hit rock bottom and i want it all to end",
        "sitting here with a knife in front of me",
        "my husband hits me",
        "i slapped my toddler",
        "he has taken to saying we would be better off without him",
        "kei te pirangi mate au",
        "i want to go to sleep and not wake up",
    ],
)
def test_a_crisis_is_heard_however_it_is_said(text):
    assert level(text) == "C"


@pytest.mark.parametrize(
    "text", ["i'm 3 weeks into the diet", "the parcel is due in may", "up from 60 to 63 kg"]
)
def test_other_weeks_dates_and_kilos_stay(text):
    assert not {"weekspregnant", "bornearly", "kiloslost"} & set(tidy(text).split())


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("got a new liver in 2017, is home made kefir fine", "RF18"),
        ("on enbrel and keen to brew kombucha", "RF18"),
        ("bub on the way, can i have turmeric capsules", "RF17"),
        ("feeding bub myself and dropping eggs for her rash", "RF17"),
        ("our boy came at 31 weeks, which acidophilus", "RF19"),
        ("she avoids milk or eggs or nuts or fish or fruit", "RF20"),
        ("potato and lamb and that is all he eats", "RF20"),
        ("carrot comes out the same as it went in", "RF11"),
        ("ferritin is in my boots", "RF11"),
        ("keen to chuck the keflex halfway", "RF15"),
        ("how much locoid for a toddler", "RF15"),
    ],
)
def test_a_state_told_in_passing_is_heard(text, flag):
    assert GATE.check(text).flag == flag


@pytest.mark.parametrize(
    "text",
    [
        "is there gluten in oats",
        "we have no problem with milk or eggs or nuts or fish",
        "which has more fibre, corn or carrot",
        "an ear infection and antibiotics",
        "prebiotic foods list",
    ],
)
def test_what_only_sounds_like_it_is_not(text):
    assert level(text) is None


def test_every_flag_of_the_level_is_told():
    found = GATE.check("down to five foods and my ferritin is low")
    assert found.flags == (("RF11", True), ("RF20", False))


def test_a_crisis_that_is_past_still_gets_support():
    assert GATE.check("i tried to kill myself years ago").level == "G"


@pytest.mark.parametrize(
    "text",
    [
        "can food allergies cause anaphylaxis",
        "are kids with eczema more likely to have trouble breathing",
        "what are the signs of sepsis",
        "who gets eczema herpeticum",
        "do i need an epipen for mild egg allergy",
        "what if he stops breathing one day",
        "do i keep antihistamine in case of anaphylaxis",
        "how can you tell if eczema is infected",
        "what is erythroderma",
        "what happens in the body in a severe allergic reaction",
        "how fast does cellulitis spread",
    ],
)
def test_a_question_about_it_is_no_emergency(text):
    assert level(text) not in {"E", "C", "S"}


@pytest.mark.parametrize(
    "text",
    [
        "what do i do my lips are swelling",
        "is it normal that his lips are blue",
        "can eczema make my throat close up, it is closing now",
        "what is happening she can't breathe",
    ],
)
def test_a_question_in_the_middle_of_it_is(text):
    assert level(text) == "E"


@pytest.mark.parametrize(
    "text",
    [
        "my skin is killing me",
        "dying to try kefir",
        "this itch is murder",
        "my phone is dying",
        "i'd kill for a coffee",
        "scared to death of steroid creams",
        "my skin is on fire with itch at night",
        "how do i get rid of dead skin",
        "kill the bad bacteria in my gut",
        "our cat collapsed on the heater",
        "my internet is not responding",
        "let your skin breathe",
        "a hydrogen breath test",
        "i can't live without cheese",
        "another quiz would be the death of me",
        "i nearly died of embarrassment",
        "ready to give up on the diet",
    ],
)
def test_idiom_is_silent(text):
    assert level(text) is None


def test_a_figure_of_speech_is_an_excuse():
    assert GATE.check("our cat collapsed on the heater").excused
    assert not GATE.check("which fibre is gentle").excused


def test_words_alone_between_full_stops_are_one_sentence():
    assert level("Cashew. Hives. Vomiting.") == "E"
    assert level("No fever. Happy. Dry skin.") is None


@pytest.mark.parametrize(
    "text",
    [
        "i had no sleep and last night i thought of putting a pillow over her face",
        "no rash and now his lips are swelling",
    ],
)
def test_a_no_ends_where_now_begins(text):
    assert level(text) in {"E", "C"}


# -- order, and a hostile keyboard ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bloated every day and i want to die", "C"),
        ("i want to die and i can't breathe", "E"),
        ("pus in the patches. bloated every day.", "S"),
        ("my eczema is infected and i can't cope with the itch", "S"),
    ],
)
def test_the_most_urgent_wins(text, expected):
    assert level(text) == expected


def test_within_a_level_the_first_flag_wins():
    assert GATE.check("green vomit and her tongue is swelling").flag == "RF1"


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\x00", "😀" * 50, "....", "???", "'", "-", "12"]
)
def test_nothing_is_found_in_nothing(text):
    assert GATE.check(text) == Finding()


def test_a_command_is_ordinary_text():
    assert level("/ask_probiotics") is None
    assert level('/inform{"x": "i can\'t breathe"}') == "E"
    assert level("/report_urgent his_lips_are_swelling") == "E"


def test_a_sign_is_found_deep_in_a_long_message():
    chatter = "we eat oats and yoghurt and go to the beach with the kids "
    for filler in (chatter, chatter + ". "):
        assert level((filler * 160)[:9_900] + " he can't breathe") == "E"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_gets_an_answer(text):
    assert GATE.check(text).level in {*ORDER, None}


def test_message_of_all_signs_does_not_stall_it():
    start = time.process_time()
    GATE.check(". ".join(line for _, line in EXAMPLES)[:10_000])
    assert time.process_time() - start < STALLED


@pytest.mark.parametrize("phrase", ["i can't breathe ", "no not never ", "blood ", "a"])
def test_repetition_is_no_way_to_stall_it(phrase):
    text = (phrase * 10_000)[:10_000]
    start = time.process_time()
    GATE.check(text)
    assert time.process_time() - start < STALLED


# -- a pattern file with a mistake ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("all: [breath, breath_trouble]", "all: [breth, breath_trouble]", "trouble_breathing"),
        ("- id: air_hunger\n", "- id: trouble_breathing\n", "twice"),
        ("    level: E\n", "    level: X\n", "level"),
        ("    within: 3\n", "    withim: 3\n", "withim"),
        ("  idiom: [", "  idiot: [", "cues"),
        ("<allergen>", "<alergen>", "alergen"),
        ("people: baby ", "people: babby ", "babby"),
        ("lasting: weak_immunity", "lasting: weak_imunity", "weak_imunity"),
    ],
)
def test_a_mistake_is_named(tmp_path, old, new, complaint):
    text = PATTERNS.read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "patterns.yml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PatternError, match=complaint):
        load(broken)
