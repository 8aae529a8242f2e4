"""Ids, against the reference and the peers, for both rules of merging."""

import base64
import json
from itertools import pairwise
from random import Random

import generators
import pytest
from conftest import token_ids
from peers import encoding, hugging_face, to_characters
from reference import PATTERNS, alphabet_order, encode
from tokenizers import models

import bpe_tool
from bpe_tool import ArgumentError, LimitError, SpecialTokenError, _core

BYTE_IDS = {bytes([byte]): byte for byte in range(256)}


def tiktoken_file(ids: dict[bytes, int]) -> bytes:
    ordered = sorted(ids.items(), key=lambda item: item[1])
    return b"".join(base64.b64encode(token) + b" %d\n" % id for token, id in ordered)


def ranked(merges: list[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], int]:
    return {pair: rank for rank, pair in enumerate(merges)}


def random_token(random: Random, letters: str = "abc ") -> bytes:
    return "".join(random.choices(letters, k=random.randint(2, 5))).encode()


def short_texts(random: Random, count: int, letters: str = "abc ") -> list[str]:
    return ["".join(random.choices(letters, k=random.randint(0, 20))) for _ in range(count)]


def test_trained_tokenizer_equals_the_reference(tokenizer):
    ids = token_ids(tokenizer)
    texts = [
        *generators.byte_strings(seed=21, count=3000),
        *generators.from_tokens(seed=22, count=2000, tokens=list(ids)),
    ]
    ranks = ranked(tokenizer.merges)
    expected = [encode(text, PATTERNS["cl100k"], ids, ranks) for text in texts]
    assert tokenizer.encode_batch(texts) == expected


def test_random_ranks_equal_the_reference_and_tiktoken():
    """Any set of tokens in any order, most of them out of reach of pairwise merging."""
    for seed in range(300):
        random = Random(seed)
        ids = BYTE_IDS | {
            token: 256 + at
            for at, token in enumerate({random_token(random) for _ in range(random.randint(1, 40))})
        }
        ours = _core.Tokenizer.from_tiktoken(tiktoken_file(ids), "whitespace", [])
        peer = encoding(ids, r"\S+|\s+")
        for text in short_texts(random, 20):
            expected = encode(text.encode(), PATTERNS["whitespace"], ids, None)
            assert ours.encode(text, "text", False) == expected, (seed, text)
            assert peer.encode_ordinary(text) == expected


@pytest.mark.parametrize("shuffled", [False, True])
def test_random_merges_equal_the_reference_and_hugging_face(shuffled):
    """Merges in the order of their making, and in any other order of precedence."""
    for seed in range(300):
        random = Random(seed)
        tokens = [bytes([byte]) for byte in alphabet_order("gpt2")]
        merges: list[tuple[bytes, bytes]] = []
        parts = [b"a", b"b", b"c", b" "]
        for _ in range(random.randint(1, 25)):
            pair = (random.choice(parts), random.choice(parts))
            if pair[0] + pair[1] not in tokens and len(pair[0] + pair[1]) < 12:
                merges.append(pair)
                parts.append(pair[0] + pair[1])
                tokens.append(pair[0] + pair[1])
        if shuffled:
            random.shuffle(merges)
        vocab = {to_characters(token): id for id, token in enumerate(tokens)}
        shown = [(to_characters(left), to_characters(right)) for left, right in merges]
        ids = {token: id for id, token in enumerate(tokens)}
        ours = _core.Tokenizer.from_vocab_and_merges(
            json.dumps(vocab).encode(),
            "".join(f"{left} {right}\n" for left, right in shown).encode(),
            "whitespace",
            [],
        )
        peer = hugging_face(models.BPE(vocab, shown), PATTERNS["whitespace"])
        for text in short_texts(random, 20):
            expected = encode(text.encode(), PATTERNS["whitespace"], ids, ranked(merges))
            assert ours.encode(text, "text", False) == expected, (seed, text)
            assert peer.encode(text).ids == expected


@pytest.mark.parametrize("unit", ["a", " ", "ab", "\n", "中", "😀", "é", "1", "'s", "\u0301"])
@pytest.mark.parametrize("around", [128, 4096, 65_536])
def test_long_pretokens_equal_hugging_face(tokenizer, unit, around):
    peer = peer_of(tokenizer, [])
    whole = tokenizer_without_pattern(tokenizer)
    for times in (around - 1, around, around + 1):
        text = unit * (times // len(unit))
        assert whole.encode(text, "text", False) == peer.encode(text).ids


def test_long_random_pretokens_equal_hugging_face(tokenizer):
    peer = peer_of(tokenizer, [])
    whole = tokenizer_without_pattern(tokenizer)
    random = Random(23)
    tokens = [token.decode("utf-8", "ignore") for token in token_ids(tokenizer)]
    for size in (100, 1000, 10_000, 100_000):
        text = "".join(random.choices(tokens, k=size))
        assert whole.encode(text, "text", False) == peer.encode(text).ids


def peer_of(tokenizer: bpe_tool.Tokenizer, splits: list[str]):
    vocab = {to_characters(token): id for token, id in token_ids(tokenizer).items()}
    merges = [(to_characters(left), to_characters(right)) for left, right in tokenizer.merges]
    return hugging_face(models.BPE(vocab, merges), splits)


def tokenizer_without_pattern(tokenizer: bpe_tool.Tokenizer) -> _core.Tokenizer:
    vocab = {to_characters(token): id for token, id in token_ids(tokenizer).items()}
    merges = "".join(f"{to_characters(a)} {to_characters(b)}\n" for a, b in tokenizer.merges)
    return _core.Tokenizer.from_vocab_and_merges(
        json.dumps(vocab).encode(), merges.encode(), "none", []
    )


def test_text_and_its_bytes_give_the_same_ids(tokenizer):
    for text in generators.texts(seed=24, count=2000):
        assert tokenizer.encode(text) == tokenizer.encode(text.encode())


@pytest.mark.parametrize("threads", [0, 1, 2, 8])
def test_batches_equal_single_texts(tokenizer, threads):
    texts = ["", *generators.byte_strings(seed=25, count=3000), "x" * 100_000, ""]
    single = [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_batch(texts, threads=threads) == single
    ragged = tokenizer.encode_arrays(texts, threads=threads)
    assert ragged.ids.dtype == "uint32"
    assert ragged.bounds.dtype == "int64"
    assert ragged.bounds[0] == 0
    assert len(ragged.bounds) == len(texts) + 1
    bounds = ragged.bounds.tolist()
    ids = ragged.ids.tolist()
    assert [ids[a:b] for a, b in pairwise(bounds)] == single
    assert [tokenizer.count(text) for text in texts] == [len(row) for row in single]


def test_no_texts_at_all(tokenizer):
    assert tokenizer.encode("") == []
    assert tokenizer.encode_batch([]) == []
    assert tokenizer.encode_arrays([]).bounds.tolist() == [0]
    assert tokenizer.count("") == 0


def test_what_was_encoded_before_changes_nothing(tokenizer):
    """A cache that has seen a million other pretokens gives the same ids."""
    texts = list(generators.texts(seed=26, count=300))
    before = tokenizer.encode_batch(texts)
    random = Random(27)
    for _ in range(10):
        letters = random.choices("abcdefghijklmnopqrstuvwxyz  ", k=700_000)
        tokenizer.count("".join(letters))
    assert tokenizer.encode_batch(texts) == before


@pytest.mark.parametrize(("text", "index"), [("\ud800", 0), ("a\udfffb", 1), ("éé😀\ud83d", 3)])
def test_a_lone_surrogate_is_an_error_that_names_its_index(tokenizer, text, index):
    with pytest.raises(ValueError, match=rf"\b{index}\b"):
        tokenizer.encode(text)
    with pytest.raises(ValueError, match=rf"row 1: .* index {index}\b"):
        tokenizer.encode_batch(["fine", text])


@pytest.mark.parametrize("text", [None, 1, ["a"], 1.5])
def test_only_text_and_bytes_are_encoded(tokenizer, text):
    with pytest.raises(TypeError):
        tokenizer.encode(text)
    for method in (tokenizer.encode_batch, tokenizer.encode_arrays):
        kind = type(text).__name__
        with pytest.raises(TypeError, match=rf"row 2 of `texts` is .* \({kind}\): expected str"):
            method(["a", b"", text])


def test_errors_of_a_batch_name_the_row(tokenizer):
    texts = [*["fine"] * 5000, "é <|endoftext|>", "<s>"]
    for method in (tokenizer.encode_batch, tokenizer.encode_arrays):
        with pytest.raises(
            SpecialTokenError, match=r"^row 5000: .*<\|endoftext\|>.* byte 3"
        ) as raised:
            method(iter(texts), special="error")
        assert raised.value.hint
        with pytest.raises(ArgumentError, match=r"^`special`: "):
            method(texts, special="none")
        with pytest.raises(TypeError, match="None"):
            method(texts, special=None)


def test_a_limit_in_a_batch_names_the_row(tokenizer, tmp_path):
    """From every `a` on, the pattern looks for a `b` up to the end."""
    tokenizer.save(tmp_path / "v.tiktoken")
    slow = bpe_tool.Tokenizer.load(tmp_path / "v.tiktoken", pattern="a*b|c")
    with pytest.raises(LimitError, match=r"^row 1: .*work"):
        slow.encode_batch(["ab", "a" * 200_000])


def test_a_template_that_is_not_there_is_an_error(tokenizer):
    for method in (tokenizer.encode, tokenizer.count, tokenizer.encode_with_offsets):
        with pytest.raises(ArgumentError, match="no template"):
            method("a", template=True)
    for method in (tokenizer.encode_batch, tokenizer.encode_arrays):
        with pytest.raises(ArgumentError, match=r"^this vocabulary has no template"):
            method(["a"], template=True)


def test_a_token_is_bytes(tokenizer):
    with pytest.raises(
        TypeError, match=r"`token` is 'a' \(str\): it must be bytes, such as b'the'"
    ):
        tokenizer.token_to_id("a")


def test_tokens_and_ids_are_each_others_inverse(tokenizer):
    ids = token_ids(tokenizer)
    assert len(ids) + len(tokenizer.special_tokens) == len(tokenizer)
    for token, id in ids.items():
        assert tokenizer.token_to_id(token) == id
    assert tokenizer.token_to_id(b"no such token") is None
    for id in (len(tokenizer), -1, 2**32):
        with pytest.raises((ValueError, IndexError, OverflowError)):
            tokenizer.id_to_bytes(id)
