"""decode(encode(x)) == x, for everything."""

import generators
import pytest

from bpe_tool import Tokenizer, train_vocab


def assert_round_trip(tokenizer: Tokenizer, texts: list[bytes]) -> None:
    rows = tokenizer.encode_batch(texts)
    assert [tokenizer.decode_bytes(row) for row in rows] == texts


def test_every_string_of_up_to_two_bytes(tokenizer, bytes_only):
    texts = [b"", *(bytes([a]) for a in range(256))]
    texts += [bytes([a, b]) for a in range(256) for b in range(256)]
    assert_round_trip(tokenizer, texts)
    assert_round_trip(bytes_only, texts)


def test_every_unicode_scalar(tokenizer):
    scalars = [chr(code).encode() for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert_round_trip(tokenizer, scalars)
    together = b" ".join(scalars)
    assert tokenizer.decode_bytes(tokenizer.encode(together)) == together


def test_random_bytes(tokenizer):
    assert_round_trip(tokenizer, list(generators.byte_strings(seed=11, count=50_000)))


@pytest.mark.parametrize("pattern", ["gpt2", "o200k", "qwen2", "deepseek-v3", "whitespace", "none"])
def test_every_pattern(pattern, documents):
    tokenizer = train_vocab(documents[:2], vocab_size=300, pattern=pattern)
    assert_round_trip(tokenizer, list(generators.byte_strings(seed=12, count=5000)))


def test_tokens_of_the_vocabulary(tokenizer):
    tokens = [tokenizer.id_to_bytes(id) for id in range(len(tokenizer))]
    assert_round_trip(tokenizer, tokens)
    assert_round_trip(tokenizer, list(generators.from_tokens(seed=13, count=20_000, tokens=tokens)))


def test_special_tokens_that_are_recognised(tokenizer):
    for text in generators.byte_strings(seed=14, count=5000):
        assert tokenizer.decode_bytes(tokenizer.encode(text, special="token")) == text
