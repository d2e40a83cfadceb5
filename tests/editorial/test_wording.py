"""The wording rules, each tried on the examples that stand beside it."""

import pytest
import yaml

from editorial import wording

ENTRIES = yaml.safe_load(wording.RULES_FILE.read_text(encoding="utf-8"))["rules"]
RULES = {rule.id: rule for rule in wording.load_rules().rules}
SPELLINGS = wording.load_rules().spellings


def hits(rule_id: str, text: str) -> list[str]:
    return [hit for sentence in wording.sentences(text) for hit in RULES[rule_id].hits(sentence)]


def examples(kind: str) -> list[tuple[str, str]]:
    return [(entry["id"], text) for entry in ENTRIES for text in entry[kind]]


@pytest.mark.parametrize(("rule_id", "text"), examples("catches"))
def test_rule_catches_its_bad_example(rule_id: str, text: str) -> None:
    assert hits(rule_id, text)


@pytest.mark.parametrize(("rule_id", "text"), examples("allows"))
def test_rule_allows_its_good_example(rule_id: str, text: str) -> None:
    assert not hits(rule_id, text)


def test_every_rule_has_an_id_of_its_own() -> None:
    assert len(RULES) == len(ENTRIES)


def test_finding_tells_words_reason_and_remedy() -> None:
    [found] = wording.find_forbidden("Probiotics cure eczema.", "topics")
    assert (found.words, found.reason, found.remedy) == (
        "cure",
        "promises a cure",
        "say it is not a cure, or leave the word out",
    )


def test_exclamation_mark_is_forbidden_in_safety_replies_only() -> None:
    assert list(wording.find_forbidden("Call now!", "safety"))
    assert not list(wording.find_forbidden("Kia ora!", "service"))


def test_exception_excuses_only_the_words_it_covers() -> None:
    text = "It is not a cure. Honey cures eczema."
    assert [found.words for found in wording.find_forbidden(text, "topics")] == ["cures"]


def test_curly_quotes_count_as_straight_ones() -> None:
    assert not list(wording.find_forbidden("It won’t cure eczema.", "topics"))


def test_american_spelling_is_found_whatever_its_case() -> None:
    [found] = wording.find_foreign_spelling("Fiber is good.")
    assert (found.words, found.remedy) == ("Fiber", "write 'fibre'")


def test_spelling_list_is_long_and_never_replaces_a_word_by_itself() -> None:
    assert len(SPELLINGS) >= 60
    assert not set(SPELLINGS) & set(SPELLINGS.values())


def test_product_name_is_found_as_whole_words() -> None:
    assert list(wording.find_names("Acme Drops are sold here.", ["acme drops"])) == ["acme drops"]
    assert not list(wording.find_names("Acme dropsy", ["acme drops"]))
