"""Sentence encoder: what its vectors promise, and that it checks its files."""

import numpy as np
import pytest

from components.understanding import encoder as module
from components.understanding.encoder import (
    BATCH_SIZE,
    DIMENSIONS,
    EncoderFilesError,
    SentenceEncoder,
    sentence_encoder,
)

SENTENCES = ["leaky gut", "Does stress make eczema flare?", "a", "what are SCFAs " * 20]


@pytest.fixture(scope="module")
def encoder():
    return sentence_encoder()


def test_vectors_have_length_one(encoder):
    vectors = encoder.encode(SENTENCES)
    assert vectors.shape == (len(SENTENCES), DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(SENTENCES)), abs=1e-5)


def test_order_is_kept_across_batches(encoder):
    texts = [f"{'long ' * (number % 7)}sentence {number}" for number in range(BATCH_SIZE + 5)]
    together = encoder.encode(texts)
    for number in (0, 6, 13, BATCH_SIZE + 4):
        alone = encoder.encode([texts[number]])[0]
        assert together[number] @ alone > 0.97
        assert np.argmax(together @ alone) == number


def test_same_meaning_is_nearer_than_another(encoder):
    one, like, other = encoder.encode(
        ["is leaky gut real", "does intestinal permeability exist", "what time is the football"]
    )
    assert one @ like > one @ other + 0.2


@pytest.mark.parametrize("text", ["", " ", "\0", "😀", "我的孩子有湿疹", "word " * 5000])
def test_any_text_gets_a_finite_vector(encoder, text):
    assert np.isfinite(encoder.encode([text])).all()


def test_nothing_gives_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_text_beyond_the_limit_changes_nothing(encoder):
    long = "fibre " * 300
    assert np.array_equal(encoder.encode([long]), encoder.encode([long + "and something else"]))


def test_encoder_is_loaded_once_in_a_process(encoder):
    assert sentence_encoder() is encoder


def test_wrong_file_is_refused_with_both_hashes_and_the_remedy(tmp_path, monkeypatch):
    other = tmp_path / "model.onnx"
    other.write_bytes(b"not the model")
    monkeypatch.setattr(module, "SHA256", {other: "0" * 64})
    with pytest.raises(EncoderFilesError, match=r"model.onnx has sha256 .*, not 0{64}.*git"):
        SentenceEncoder()


def test_missing_file_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SHA256", {tmp_path / "gone.onnx": "0" * 64})
    with pytest.raises(EncoderFilesError, match=r"gone.onnx is missing; get it back"):
        SentenceEncoder()


def test_batches_side_by_side_give_the_same_vectors(encoder):
    texts = [f"does food number {number} make eczema worse" for number in range(100)]
    np.testing.assert_array_equal(encoder.encode(texts, at_once=2), encoder.encode(texts))
