"""The published vocabularies: ids equal to those of tiktoken and Hugging Face.

Here on a few thousand strings and the sample texts; `benchmarks/conformance.py` does the
same on whole corpora.
"""

from pathlib import Path

import generators
import pytest
from peers import hugging_face_from_files, published_encoding
from reference import PATTERNS

from bpe_tool import Tokenizer, _core

ENCODINGS = {"r50k_base": "gpt2", "cl100k_base": "cl100k", "o200k_base": "o200k"}


@pytest.mark.parametrize(("name", "pattern"), ENCODINGS.items())
def test_published_encodings_equal_tiktoken(name: str, pattern: str, vocabs: Path, corpora):
    peer = published_encoding(name, vocabs)
    ours = Tokenizer.load(
        vocabs / f"{name}.tiktoken", pattern=pattern, special_tokens=peer._special_tokens
    )
    assert ours.special_tokens == peer._special_tokens
    tokens = [ours.id_to_bytes(id) for id in range(0, peer.n_vocab - 1000, 7)]
    texts = [
        *generators.texts(seed=111, count=6000),
        *generators.texts_from_tokens(112, 4000, tokens),
        *(path.read_bytes().decode() for path in corpora),
    ]
    assert ours.encode_batch(texts) == peer.encode_ordinary_batch(texts, num_threads=1)
    marked = peer.encode_batch(texts[:3000], num_threads=1, allowed_special="all")
    assert ours.encode_batch(texts[:3000], special="token") == marked


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_token_of_a_published_encoding(name: str, vocabs: Path):
    peer = published_encoding(name, vocabs)
    ours = Tokenizer.load(vocabs / f"{name}.tiktoken", pattern=ENCODINGS[name])
    assert ours.special_tokens == peer._special_tokens
    for id in range(len(ours) - len(ours.special_tokens)):
        assert ours.id_to_bytes(id) == peer.decode_single_token_bytes(id)


def test_gpt2_equals_hugging_face(vocabs: Path, corpora):
    vocab, merges = vocabs / "gpt2_vocab.json", vocabs / "gpt2_merges.txt"
    peer = hugging_face_from_files(vocab, merges, PATTERNS["gpt2"])
    ours = _core.Tokenizer.from_vocab_and_merges(
        vocab.read_bytes(), merges.read_bytes(), "gpt2", []
    )
    texts = [
        *generators.texts(seed=113, count=6000),
        *(path.read_bytes().decode() for path in corpora),
    ]
    for text, row in zip(texts, peer.encode_batch(texts), strict=True):
        assert ours.encode(text, "text", False) == row.ids, text[:1000]
