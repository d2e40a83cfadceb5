"""Sentence encoder: all-MiniLM-L6-v2, taught on our texts, as int8 ONNX; mean-pooled, normalised.

Weights and tokenizer stand beside this file and are checked against their hashes;
encoder_build/ says how they were made from the published model (see NOTICE).
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
MAX_WORD_PIECES = 128
BATCH_SIZE = 32

WEIGHTS = Path(__file__).with_name("encoder.onnx")
TOKENIZER = Path(__file__).with_name("tokenizer.json")
SHA256 = {
    WEIGHTS: "a348f21afddaa485ff6f586511ca2f932cec4c987393a3234b7e149321cd29f9",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


class EncoderFilesError(RuntimeError):
    """A file of the sentence encoder is missing or is not the one that was measured."""


class SentenceEncoder:
    """Turns sentences into vectors whose dot product is their cosine similarity."""

    def __init__(self) -> None:
        for path, expected in SHA256.items():
            _check_file(path, expected)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # The arena keeps the memory of the longest message ever seen; a chat does not need it.
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            str(WEIGHTS), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)

    def encode(self, texts: Sequence[str], at_once: int = 1) -> Vectors:
        """Vectors of shape (len(texts), 384), each of length 1, in the order of `texts`.

        `at_once`: so many batches are encoded side by side. The vectors are the same.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        # Sentences of similar length share a batch, so that little padding is computed.
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        starts = range(0, len(by_length), BATCH_SIZE)
        batches = [by_length[start : start + BATCH_SIZE] for start in starts]
        phrases = [[texts[index] for index in batch] for batch in batches]
        if at_once == 1:
            found = list(map(self._encode_batch, phrases))
        else:  # on threads of ours: the encoder's own would wait for one another
            with ThreadPoolExecutor(at_once) as threads:
                found = list(threads.map(self._encode_batch, phrases))
        for batch, encoded in zip(batches, found, strict=True):
            vectors[batch] = encoded
        return vectors

    def _encode_batch(self, texts: Sequence[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch(list(texts))
        longest = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(texts), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, feed)[0]
        pooled = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), dtype=np.float32)


@lru_cache(maxsize=1)
def sentence_encoder() -> SentenceEncoder:
    """The encoder of this process; loaded once, since every component shares the same weights."""
    return SentenceEncoder()


def _check_file(path: Path, expected: str) -> None:
    if not path.is_file():
        raise EncoderFilesError(
            f"{path} is missing; get it back from the repository (git checkout)"
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise EncoderFilesError(
            f"{path} has sha256 {found}, not {expected}; "
            "get it back from the repository (git checkout)"
        )
