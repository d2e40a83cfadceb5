"""What a message is taken to mean: safety before topic, and asking back in doubt."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rasa.shared.nlu.training_data.message import Message

from components.decision import (
    Parts,
    Thresholds,
    decide,
    is_general_question,
    says_only_who,
)
from components.intent_decision import IntentDecision
from components.understanding.classifier import Flagged, Ranking
from editorial.content import load_content

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = {"urgent": 0.2, "crisis": 0.25, "distress": 0.3, "sure": 0.3, "margin": 0.1}
THRESHOLDS = Thresholds(**IntentDecision.get_default_config() | SETTINGS)
FOREIGN_THRESHOLD = 0.5


def ranking(foreign=0.0, crisis=0.0, flagged=(), **probabilities):
    rest = {"ask_fibre": 0.02, "ask_stress": 0.01, "out_of_scope": 0.0} | probabilities
    pairs = sorted(rest.items(), key=lambda pair: -pair[1])
    return Ranking(tuple(n for n, _ in pairs), tuple(p for _, p in pairs), foreign, crisis, flagged)


def decided(
    ranked,
    level=None,
    flag=None,
    text="my words",
    person=None,
    excused=False,
    named=(),
    parts=None,
    flags=(),
):
    return decide(
        text,
        level,
        flag,
        ranked,
        FOREIGN_THRESHOLD,
        THRESHOLDS,
        person,
        excused,
        named,
        parts or Parts(),
        flags,
    )


SURE = ranking(ask_scfa=0.9)


@pytest.mark.parametrize(("level", "intent"), [("E", "report_urgent"), ("C", "report_distress")])
def test_gates_alarm_beats_every_topic(level, intent):
    decision = decided(ranking(ask_scfa=0.99), level, "RF1")
    assert (decision.intent, decision.level, decision.flag) == (intent, level, "RF1")


@pytest.mark.parametrize("level", ["E", "C", "S"])
def test_out_of_scope_gate_never_turns_a_red_flag_away(level):
    assert decided(ranking(ask_scfa=0.9, foreign=1.0), level, "RF5").level == level


def test_general_question_is_no_distress():
    ranked = ranking(report_distress=0.6, ask_stress=0.2)
    decision = decided(ranked, text="can vitamin b12 deficiency cause depression")
    assert decision.intent != "report_distress"


def test_distress_in_ones_own_words_is_heard():
    ranked = ranking(report_distress=0.6, ask_stress=0.2)
    assert decided(ranked, text="i feel so low about my skin").intent == "report_distress"


def test_ranking_without_an_intent_keeps_the_other_probabilities():
    left = ranking(report_distress=0.6, ask_scfa=0.3).without("report_distress")
    assert "report_distress" not in left.intents
    assert left.probability("ask_scfa") == 0.3


def test_classifier_alone_can_call_an_emergency():
    decision = decided(ranking(ask_scfa=0.75, report_urgent=0.2))
    assert (decision.intent, decision.level) == ("report_urgent", "E")


def test_classifiers_emergency_is_not_turned_away_as_foreign():
    assert decided(ranking(report_urgent=0.25, foreign=1.0)).level == "E"


def test_classifiers_emergency_raises_a_same_day_finding():
    assert decided(ranking(report_urgent=0.25, ask_scfa=0.6), "S", "RF5").level == "E"


def test_emergency_below_its_threshold_is_left_to_the_topics():
    decision = decided(ranking(ask_scfa=0.75, report_urgent=0.19))
    assert (decision.intent, decision.level) == ("ask_scfa", None)


def test_emergency_is_never_offered_as_a_choice():
    decision = decided(ranking(report_urgent=0.19, ask_scfa=0.15))
    assert decision.unsure
    assert "report_urgent" not in decision.candidates


def test_classifiers_distress_is_heard():
    decision = decided(ranking(ask_scfa=0.6, report_distress=0.3))
    assert (decision.intent, decision.level, decision.flag) == ("report_distress", "G", "RF14")


def test_classifier_alone_can_call_a_crisis():
    decision = decided(ranking(report_distress=0.6, crisis=0.25))
    assert (decision.intent, decision.level, decision.flag) == ("report_distress", "C", "RF13")


@pytest.mark.parametrize("probability", [0.2, 0.5, 0.99])
def test_denied_or_past_sign_makes_the_classifier_prove_its_alarm(probability):
    ranked = ranking(report_urgent=probability, ask_scfa=0.7)
    alarm = probability >= THRESHOLDS.excused
    assert (decided(ranked, excused=True).level == "E") is alarm


def test_denied_sign_never_overrules_the_gates_own_alarm():
    assert decided(SURE, "E", "RF1", excused=True).level == "E"


def test_emergency_goes_before_crisis():
    assert decided(ranking(report_urgent=0.3, report_distress=0.6, crisis=0.5)).level == "E"


def test_crisis_goes_before_a_same_day_finding():
    assert decided(ranking(report_distress=0.6, crisis=0.6), "S", "RF5").level == "C"


def test_distress_never_lowers_a_same_day_finding():
    assert decided(ranking(report_distress=0.6), "S", "RF2").level == "S"


@pytest.mark.parametrize(
    ("flag", "intent"),
    [
        ("RF3", "report_skin_infection"),
        ("RF5", "report_skin_infection"),
        ("RF9", "report_gut_symptoms"),
        ("RF15", "ask_medication"),
        ("RF21", "ask_diagnosis"),
    ],
)
def test_same_day_flag_names_its_intent(flag, intent):
    decision = decided(SURE, "S", flag)
    assert (decision.intent, decision.level, decision.flag) == (intent, "S", flag)


@pytest.mark.parametrize("flag", ["RF2", "RF17", "RF18", "RF19", "RF20"])
def test_modifier_leaves_the_topic_as_it_is(flag):
    decision = decided(SURE, "S", flag)
    assert (decision.intent, decision.level, decision.flag) == ("ask_scfa", "S", flag)


def test_classifiers_safety_intent_brings_its_flag():
    decision = decided(ranking(ask_medication=0.9))
    assert (decision.level, decision.flag) == ("G", "RF15")


def test_gut_symptoms_of_a_baby_are_seen_the_same_day():
    decision = decided(ranking(report_gut_symptoms=0.9), person="baby")
    assert (decision.level, decision.flag) == ("S", "RF9")


def test_question_about_infection_in_general_is_no_same_day_case():
    ranked = ranking(report_skin_infection=0.9)
    assert decided(ranked, text="what does infected eczema look like").level == "G"
    assert decided(ranked, text="my eczema looks infected").level == "S"


def test_weak_sign_beside_a_clear_topic_leaves_the_topic():
    decision = decided(SURE, "G", "RF11")
    assert (decision.intent, decision.level, decision.flag) == ("ask_scfa", None, None)


def test_weak_sign_that_the_classifier_hears_too_outweighs_an_unclear_topic():
    ranked = ranking(ask_fibre=0.7, report_gut_symptoms=0.2)
    decision = decided(ranked, "G", "RF11")
    assert (decision.intent, decision.level) == ("report_gut_symptoms", "G")
    assert decided(ranking(ask_fibre=0.95, report_gut_symptoms=0.04), "G", "RF11").level is None
    assert decided(ranked, "G", "RF11", text="what causes bloating").level is None


def test_question_about_a_medicine_of_ours_is_not_turned_away():
    ranked = ranking(foreign=0.9, out_of_scope=0.5, ask_medication=0.4)
    assert decided(ranked, "G", "RF15").intent == "ask_medication"
    assert decided(ranked).intent == "out_of_scope"


@pytest.mark.parametrize("flag", ["RF17", "RF18", "RF19", "RF20"])
def test_pregnant_or_frail_baby_or_somebody_who_eats_too_little_is_never_turned_away(flag):
    decision = decided(ranking(foreign=0.9, out_of_scope=0.5, ask_scfa=0.4), "G", flag)
    assert (decision.intent, decision.level, decision.flag) == ("ask_scfa", "G", flag)


def test_firm_sign_holds_beside_a_clear_topic():
    firm = [("RF11", True)]
    decision = decided(SURE, "G", "RF11", flags=firm)
    assert (decision.intent, decision.level, decision.flag) == ("ask_scfa", "G", "RF11")
    assert decided(SURE, "G", "RF11", text="what causes bloating", flags=firm).level is None


def test_sign_that_yields_does_not_hide_the_next():
    decision = decided(SURE, "G", "RF11", flags=[("RF11", False), ("RF19", False)])
    assert (decision.intent, decision.level, decision.flag) == ("ask_scfa", "G", "RF19")


def test_firm_sign_is_never_turned_away():
    foreign = ranking(foreign=0.9, out_of_scope=0.5, ask_medication=0.1, ask_scfa=0.2)
    assert decided(foreign, "G", "RF15", flags=[("RF15", True)]).level == "G"
    assert decided(foreign, "G", "RF15").intent == "out_of_scope"


def test_foreign_message_is_out_of_scope():
    assert decided(ranking(ask_scfa=0.9, foreign=0.51)).intent == "out_of_scope"


def test_message_at_the_threshold_is_still_ours():
    assert decided(ranking(ask_scfa=0.9, foreign=0.5)).intent == "ask_scfa"


def test_clear_topic_is_sure():
    assert not decided(SURE).unsure


@pytest.mark.parametrize(
    "ranked",
    [ranking(ask_scfa=0.29), ranking(ask_scfa=0.45, ask_leaky_gut=0.4)],
    ids=["too weak", "too near the second"],
)
def test_doubtful_topic_is_unsure_with_three_candidates(ranked):
    decision = decided(ranked)
    assert decision.unsure
    assert len(decision.candidates) == 3
    assert decision.candidates[0] == "ask_scfa"


def test_out_of_scope_is_never_a_candidate():
    decision = decided(ranking(out_of_scope=0.45, ask_scfa=0.4, ask_leaky_gut=0.35))
    assert "out_of_scope" not in decision.candidates


def test_weak_guess_at_distress_asks_back_instead_of_consoling():
    decision = decided(ranking(report_distress=0.18, ask_stress=0.15))
    assert decision.unsure
    assert decision.level is None


@pytest.mark.parametrize(
    ("text", "general"),
    [
        ("what does oozing mean", True),
        ("Is infected eczema contagious?", True),
        ("what is this oozing on my arm", False),
        ("why is his skin weeping", False),
        ("oozing and yellow crust", False),
    ],
)
def test_general_question_is_told_from_ones_own_skin(text, general):
    assert is_general_question(text) is general


def processed(**data):
    component = IntentDecision(THRESHOLDS)
    message = Message({"text": "my words", **data})
    return component.process([message])[0]


def test_message_without_a_ranking_is_the_fallback():
    message = processed(safety={"level": None, "flag": None})
    assert message.get("intent")["name"] == "nlu_fallback"
    assert message.get("safety") == {"level": None, "flag": None}


def test_parse_result_carries_intent_ranking_safety_and_decision():
    message = processed(ranking=SURE, foreign_threshold=0.5, safety={"level": "S", "flag": "RF5"})
    output = message.as_dict(only_output_properties=True)
    assert output["intent"]["name"] == "report_skin_infection"
    assert output["intent_ranking"][0] == output["intent"]
    assert output["safety"] == {"level": "S", "flag": "RF5"}
    assert output["decision"]["unsure"] is False
    assert output["decision"]["topics"] == []
    assert output["decision"]["scores"]["foreign_threshold"] == 0.5


def test_ranking_is_short_and_names_no_intent_twice():
    ranked = ranking(**{f"ask_{letter}": 0.05 for letter in "abcdefgh"}, ask_scfa=0.5)
    names = [
        one["name"]
        for one in processed(ranking=ranked, foreign_threshold=0.5).get("intent_ranking")
    ]
    assert len(names) == len(set(names)) <= 5


def test_own_thresholds_come_from_the_config():
    config = IntentDecision.get_default_config() | {"urgent": 0.01}
    component = IntentDecision.create(config, None, None, None)
    message = Message({"text": "x", "ranking": ranking(report_urgent=0.02, ask_scfa=0.9)})
    message.set("foreign_threshold", 0.5)
    assert component.process([message])[0].get("intent")["name"] == "report_urgent"


def test_symptoms_the_gate_has_found_are_never_turned_away():
    foreign = ranking(foreign=0.99, out_of_scope=0.6, report_distress=0.2, ask_scfa=0.1)
    assert decided(foreign, "G", "RF14").intent != "out_of_scope"
    assert decided(foreign).intent == "out_of_scope"


def test_two_clear_questions_are_two_topics():
    parts = Parts(questions=[ranking(ask_scfa=0.9), ranking(ask_fibre=0.8)])
    decision = decided(ranking(ask_scfa=0.5, ask_fibre=0.4), parts=parts)
    assert decision.topics == ["ask_scfa", "ask_fibre"]
    assert not decision.unsure


def test_unclear_question_among_others_is_no_topic():
    parts = Parts(questions=[ranking(ask_scfa=0.9), ranking(ask_fibre=0.3, ask_stress=0.25)])
    assert decided(ranking(ask_scfa=0.9), parts=parts).topics == []


def test_clear_question_settles_a_long_unclear_message():
    parts = Parts(questions=[ranking(ask_scfa=0.9)])
    decision = decided(ranking(ask_fibre=0.3, ask_stress=0.28), parts=parts)
    assert decision.intent == "ask_scfa"
    assert not decision.unsure


def test_alarm_in_one_sentence_wins_alone():
    parts = Parts(
        sentences=[ranking(report_urgent=0.95), ranking(ask_scfa=0.9)],
        questions=[ranking(ask_scfa=0.9), ranking(ask_fibre=0.9)],
    )
    decision = decided(ranking(ask_scfa=0.8, report_urgent=0.05), parts=parts)
    assert (decision.intent, decision.level, decision.topics) == ("report_urgent", "E", [])


def test_doubtful_alarm_in_one_sentence_does_not_outweigh_the_whole():
    parts = Parts(sentences=[ranking(report_urgent=0.4, ask_scfa=0.4), ranking(ask_scfa=0.9)])
    assert decided(ranking(ask_scfa=0.8, report_urgent=0.05), parts=parts).intent == "ask_scfa"


def test_somebody_and_a_food_of_ours_is_never_foreign():
    ranked = ranking(ask_fermented_foods=0.9, foreign=0.6)
    assert decided(ranked, person="baby", named={"ferment"}).intent == "ask_fermented_foods"
    assert decided(ranked, named={"ferment"}).intent == "out_of_scope"


@pytest.mark.parametrize(
    "text", ["I'm pregnant", "but she's only 6 weeks", "my immune system is weak"]
)
def test_saying_only_who_is_a_follow_up(text):
    assert says_only_who(text, ())
    assert decided(SURE, text=text, person="baby").intent == "follow_up_person"
    assert decided(SURE, "S", "RF9", text=text, person="baby").intent == "report_gut_symptoms"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("I'm pregnant, can I eat miso", ()),
        ("I'm on methotrexate", {"medicine"}),
        ("is it weak", ()),
    ],
)
def test_saying_more_than_who_is_no_follow_up(text, named):
    assert not says_only_who(text, named)


def test_person_who_is_named_is_not_asked_for():
    ranked = ranking(follow_up_person=0.5, change_person=0.45)
    asked_for = decided(ranked, text="i am expecting, any difference", person="pregnant")
    assert (asked_for.intent, asked_for.unsure) == ("follow_up_person", False)
    assert decided(ranked, text="somebody else now").unsure


RF9 = Flagged("report_gut_symptoms", "S", "RF9", 0.6)


def test_same_day_sign_that_the_classifier_alone_hears_is_one():
    decision = decided(ranking(ask_children=0.3, report_gut_symptoms=0.62, flagged=(RF9,)))
    assert (decision.intent, decision.level, decision.flag) == ("report_gut_symptoms", "S", "RF9")


def test_same_day_sign_below_the_threshold_leaves_the_topic():
    weak = replace(RF9, probability=0.2)
    decision = decided(ranking(ask_children=0.75, report_gut_symptoms=0.2, flagged=(weak,)))
    assert (decision.intent, decision.level) == ("ask_children", None)


def test_sign_that_is_denied_must_be_heard_the_surer():
    ranked = ranking(ask_children=0.7, report_gut_symptoms=0.62, flagged=(RF9,))
    assert decided(ranked).level == "S"
    assert decided(ranked, excused=True).level is None


def test_intent_has_the_flag_that_most_of_it_speaks_for():
    coeliac = Flagged("report_gut_symptoms", "G", "RF12", 0.5)
    ranked = ranking(report_gut_symptoms=0.8, flagged=(coeliac, replace(RF9, probability=0.1)))
    assert (decided(ranked).level, decided(ranked).flag) == ("G", "RF12")
    ranked = ranking(report_gut_symptoms=0.8, flagged=(replace(coeliac, probability=0.1),))
    assert (decided(ranked).level, decided(ranked).flag) == ("G", "RF11")


def test_emergency_comes_before_a_same_day_sign():
    ranked = ranking(report_urgent=0.3, report_gut_symptoms=0.6, flagged=(RF9,))
    assert decided(ranked).level == "E"


def test_gut_symptoms_of_a_baby_are_for_the_same_day_whatever_flag_is_heard():
    coeliac = Flagged("report_gut_symptoms", "G", "RF12", 0.7)
    decision = decided(ranking(report_gut_symptoms=0.8, flagged=(coeliac,)), person="baby")
    assert (decision.level, decision.flag) == ("S", "RF9")


def test_every_flag_that_phrases_carry_has_a_reply_at_their_level():
    blocks = yaml.safe_load((PROJECT / "data" / "nlu.yml").read_text("utf-8"))["nlu"]
    carried = [block["metadata"] for block in blocks if "flag" in block.get("metadata", {})]
    flags = load_content().flags
    assert carried
    for block in carried:
        assert block["level"] in flags[block["flag"]].replies, block
