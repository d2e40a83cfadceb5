"""N-grams and their weights, held against scikit-learn's, whose numbers they must have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from components.understanding.ngrams import Vocabulary, characters, words

TEXTS = [
    "Does kefir help my baby's eczema?",
    "does KEFIR help",
    "my baby's skin is so itchy, so so itchy",
    "a b c",
    "probiotics for a 2 year old",
    "ko te aha te mate kiritona? āe",
    "is it the gut  or\tthe skin\n",
]
OF_SCIKIT = {
    words: {"ngram_range": (1, 2)},
    characters: {"analyzer": "char_wb", "ngram_range": (3, 4)},
}


def pair_of(analyse, least):
    theirs = TfidfVectorizer(sublinear_tf=True, min_df=least, **OF_SCIKIT[analyse]).fit(TEXTS)
    return Vocabulary.learnt(analyse, TEXTS, least), theirs


@pytest.mark.parametrize("least", [1, 2])
@pytest.mark.parametrize("analyse", [words, characters])
def test_what_counts_is_what_scikit_learn_counts(analyse, least):
    ours, theirs = pair_of(analyse, least)
    assert list(ours.terms) == list(theirs.get_feature_names_out())


@pytest.mark.parametrize("analyse", [words, characters])
@given(text=st.one_of(st.text(max_size=200), st.lists(st.sampled_from(TEXTS)).map(" ".join)))
def test_any_text_weighs_as_much_as_with_scikit_learn(analyse, text):
    ours, theirs = pair_of(analyse, 1)
    columns, weights = ours.weigh(text)
    dense = np.zeros(len(ours.terms))
    dense[columns] = weights
    np.testing.assert_allclose(dense, theirs.transform([text]).toarray()[0], atol=1e-6)


def test_text_without_a_known_word_weighs_nothing():
    columns, weights = Vocabulary.learnt(words, TEXTS, 1).weigh("zzz")
    assert (len(columns), len(weights)) == (0, 0)
