"""Words: known from the start where people use them often, and split as spaCy does."""

import spacy

from components.english import KNOWN_FROM_THE_START, common_words, english

TEXT = "Dr. O'Neill's bub (6mo) doesn't sleep... kefir/yoghurt? It's 38.5°C — can't cope!! www.x.nz"


def test_text_is_split_as_spacy_does():
    assert [token.text for token in english()(TEXT)] == [
        token.text for token in spacy.blank("en")(TEXT)
    ]


def test_sentences_end_at_the_marks_and_only_there():
    said = "Is it the gut? no; or the skin! well"
    assert [span.text for span in english(["?"])(said).sents] == [
        "Is it the gut?",
        "no; or the skin! well",
    ]


def test_common_words_are_known_and_others_not():
    known = english().vocab.strings
    assert {"baby", "doctor", "skin"} <= set(common_words()[:KNOWN_FROM_THE_START])
    assert all(word in known for word in ("baby", "doctor", "skin", "my", "My", "?"))
    assert "butyrate" not in known
