"""A text that grows and shrinks has the ids of a text that is encoded anew."""

import copy
import json
import pickle
import threading
from random import Random

import generators
import pytest
from conftest import SPECIAL_TOKENS

import bpe_tool
from bpe_tool import EncodedText, Tokenizer, train_vocab

PATTERNS = ["cl100k", "o200k", "gpt2", "deepseek-v3", "none", r"[^\n]+\n?", r"a+|\s+(?!\S)"]


@pytest.fixture(scope="module", params=PATTERNS)
def tokenizer(request, documents) -> Tokenizer:
    return train_vocab(
        documents, vocab_size=700, pattern=request.param, special_tokens=SPECIAL_TOKENS
    )


@pytest.fixture(scope="module")
def changing(documents, tmp_path_factory) -> list[Tokenizer]:
    """Vocabularies that look at text before it is split: a normalizer, tokens with conditions."""
    path = tmp_path_factory.mktemp("changing") / "tokenizer.json"
    train_vocab(documents, vocab_size=500, special_tokens=["<m>", "<e\u0301>"]).save(path)
    written = json.loads(path.read_bytes())
    found = []
    for normalizer in (None, {"type": "NFC"}):
        for change in ({}, {"lstrip": True}, {"single_word": True}, {"normalized": True}):
            value = {**written, "normalizer": normalizer}
            first, *others = value["added_tokens"]
            value["added_tokens"] = [{**first, **change}, *others]
            path.write_text(json.dumps(value))
            found.append(Tokenizer.load(path))
    return found


def changed_at_random(tokenizer: Tokenizer, special: str, seed: int, pieces: list[bytes]) -> None:
    """Append and truncate, and compare with encoding anew each time."""
    random = Random(seed)
    text = EncodedText(tokenizer, special=special)
    expected = b""
    for _ in range(60):
        before = text.ids
        if random.random() < 0.3:
            size = random.choice([0, len(expected), random.randint(0, len(expected))])
            expected = expected[:size]
            kept = text.truncate(size)
        else:
            piece = random.choice(pieces) * random.choice([1, 1, 1, 40])
            piece = piece[: random.choice([1, 2, 5, 10_000])]
            expected += piece
            kept = text.append(piece)
        ids = tokenizer.encode(expected, special=special)
        assert text.ids == ids, expected
        assert (len(text), text.size, bytes(text)) == (len(ids), len(expected), expected)
        assert before[:kept] == ids[:kept]
        assert kept == min(len(before), len(ids)) or before[kept : kept + 1] != ids[kept : kept + 1]


@pytest.mark.parametrize("special", ["text", "token"])
def test_changes_give_the_ids_of_the_whole(tokenizer, special):
    specials = [token.encode() for token in SPECIAL_TOKENS]
    pieces = [*generators.byte_strings(seed=71, count=200), *specials * 8]
    for seed in range(12):
        changed_at_random(tokenizer, special, seed, pieces)


def test_what_a_normalizer_or_a_token_changes(changing):
    pieces = [b"<m>", b" ", b"a", b"e", "\u0301".encode(), "\u0323".encode(), "é\u05b0".encode(),
              b"<e", b">", b"\xcc", b"\x81", "\u05bc\u0334".encode(), b"many words "]  # fmt: skip
    for number, tokenizer in enumerate(changing):
        for special in ("text", "token"):
            for seed in range(6):
                changed_at_random(tokenizer, special, 100 * number + seed, pieces)


def test_long_texts_are_cut_anywhere(tokenizer, documents):
    document = "".join(documents)[:200_000].encode()
    text = EncodedText(tokenizer, document)
    assert text.ids == tokenizer.encode(document)
    for size in (199_999, 150_001, 4097, 4096, 4095, 0):
        text.truncate(size)
        assert text.ids == tokenizer.encode(document[:size])


def test_it_is_a_sequence():
    tokenizer = train_vocab(["hello world"] * 9, vocab_size=270)
    text = EncodedText(tokenizer, "hello world, hello")
    ids = tokenizer.encode("hello world, hello")
    assert list(text) == text.ids == ids
    for part in (slice(None), slice(1, 3), slice(-2, None), slice(3, 1), slice(None, None, -1)):
        assert text[part] == ids[part]
    assert (text[0], text[-1]) == (ids[0], ids[-1])
    for index in (len(ids), -len(ids) - 1):
        with pytest.raises(IndexError):
            text[index]
    assert (text.index(ids[-1]), ids[0] in text) == (ids.index(ids[-1]), True)
    assert repr(text) == f"<EncodedText: 18 bytes, {len(ids)} ids>"


def test_copies_are_independent():
    tokenizer = train_vocab(["hello world"] * 9, vocab_size=270, special_tokens=["<s>"])
    text = EncodedText(tokenizer, "<s>hello", special="token")
    for copied in (
        text.copy(),
        copy.copy(text),
        copy.deepcopy(text),
        pickle.loads(pickle.dumps(text)),
    ):
        copied.append(" world<s>")
        assert copied.ids == tokenizer.encode("<s>hello world<s>", special="token")
    assert text.ids == tokenizer.encode("<s>hello", special="token")


def test_an_error_changes_nothing(changing):
    for tokenizer in (train_vocab(["ab"], vocab_size=258, special_tokens=["<m>"]), *changing):
        text = EncodedText(tokenizer, "e ab <", special="error")
        ids = text.ids
        with pytest.raises(bpe_tool.SpecialTokenError):
            text.append("m> and more")
        with pytest.raises(bpe_tool.DataError):
            text.append("\ud800")
        for size in (-1, 7):
            with pytest.raises(bpe_tool.ArgumentError):
                text.truncate(size)
        assert (text.ids, bytes(text)) == (ids, b"e ab <")
        text.append("b")
        assert text.ids == tokenizer.encode("e ab <b")


def test_a_shorter_text_may_hold_a_special_token(tmp_path):
    path = tmp_path / "tokenizer.json"
    train_vocab(["ab"], vocab_size=259, special_tokens=["<s>", "<s>x"]).save(path)
    value = json.loads(path.read_bytes())
    value["added_tokens"][1]["special"] = False
    path.write_text(json.dumps(value))
    tokenizer = Tokenizer.load(path)
    text = EncodedText(tokenizer, "ab<s>x", special="error")
    with pytest.raises(bpe_tool.SpecialTokenError):
        text.truncate(5)
    assert text.ids == tokenizer.encode("ab<s>x", special="error")


def test_two_threads_at_once_are_refused_or_served():
    tokenizer = train_vocab(["hello world"] * 9, vocab_size=270)
    text = EncodedText(tokenizer)
    refused = []

    def append() -> None:
        for _ in range(200):
            try:
                text.append("hello world " * 1000)
            except bpe_tool.ArgumentError as error:
                refused.append(error)

    threads = [threading.Thread(target=append) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert text.size == (400 - len(refused)) * 12_000
    assert text.ids == tokenizer.encode(bytes(text))
