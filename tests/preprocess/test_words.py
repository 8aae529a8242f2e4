"""Which tokens make up one word."""

import numpy as np
import pytest

from bpe_tool import Tokenizer, WordEdges, train_vocab
from bpe_tool.errors import DataError, UnknownIdError


class Tokens:
    """A vocabulary of these tokens, by their ids."""

    def __init__(self, tokens: dict[int, bytes]) -> None:
        self._tokens = tokens

    def __len__(self) -> int:
        return len(self._tokens)

    def id_to_bytes(self, id: int) -> bytes:
        if id not in self._tokens:
            raise UnknownIdError(f"{id}")
        return self._tokens[id]


def words(text: str, tokenizer: Tokenizer) -> list[str]:
    """The words of a text, each as its tokens spell it."""
    ids = np.array(tokenizer.encode(text), np.int64)
    found: list[bytes] = []
    for id, begins in zip(ids.tolist(), WordEdges.of(tokenizer).begins(ids), strict=True):
        if begins:
            found.append(b"")
        found[-1] += tokenizer.id_to_bytes(id)
    return [word.decode() for word in found]


def split(tokens: list[str | bytes]) -> list[bytes]:
    """The words that these tokens make up."""
    spelled = [token.encode() if isinstance(token, str) else token for token in tokens]
    edges = WordEdges.of(Tokens(dict(enumerate(spelled))))
    found: list[bytes] = []
    for token, begins in zip(spelled, edges.begins(np.arange(len(spelled))), strict=True):
        if begins:
            found.append(b"")
        found[-1] += token
    return found


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([" un", "believ", "able"], [" unbelievable"]),
        (["the", " end", "ing", "."], ["the", " ending", "."]),
        (["(", "foo", ")", ".", "bar"], ["(", "foo", ")", ".", "bar"]),
        ([" (", "foo"], [" (", "foo"]),
        (["don", "'t"], ["don", "'t"]),
        (["don", "'", "t"], ["don", "'", "t"]),
        (["snake", "_case"], ["snake", "_case"]),
        (["abc", "123", "4", "th"], ["abc1234th"]),
        (["a", "\n", "b", "  ", " c"], ["a", "\n", "b", "  ", " c"]),
        (["word\n", "next"], ["word\n", "next"]),
        (["e", "\u0301", "t", "\u00e9"], ["e\u0301t\u00e9"]),
        ([" \u041f\u0440", "\u0438\u0432"], [" \u041f\u0440\u0438\u0432"]),
        (["\u4e2d", "\u56fd", "a"], ["\u4e2d", "\u56fd", "a"]),
        (["\u3072", "\u3089"], ["\u3072", "\u3089"]),
        (["\u0e01\u0e34", "\u0e01"], ["\u0e01\u0e34", "\u0e01"]),
        (["\ud55c", "\uad6d"], ["\ud55c\uad6d"]),
        # Characters that are cut into bytes.
        (["na", b"\xc3", b"\xaf", "ve"], ["na\u00efve"]),
        (["a", b"\xe4\xb8", b"\xad"], ["a", "\u4e2d"]),
        (["a", b"\xf0\x9f", b"\x98", b"\x80"], ["a", "\U0001f600"]),
        (["a", b"\xe2\x80", b"\x94"], ["a", "\u2014"]),
        ([b"\xd0", b"\x9f", b"\xd1", b"\x80"], ["\u041f\u0440"]),
        (["<|end|>", "a", "<|end|>", "b"], ["<|end|>", "a", "<|end|>", "b"]),
        (["", "a", ""], ["", "a", ""]),
    ],
)
def test_tokens_make_up_words(tokens, expected):
    assert split(tokens) == [word.encode() for word in expected]


def test_words_do_not_depend_on_how_tokens_cut_them():
    text = "unbelievable things, don't (foo) 12th \u041f\u0440\u0438\u0432\u0435\u0442 caf\u00e9!"
    small = train_vocab([], vocab_size=256)
    large = train_vocab([text] * 9, vocab_size=330)
    assert len(large.encode(text)) < len(small.encode(text)) / 2
    joined = [
        "unbelievable",
        "things",
        "don",
        "foo",
        "12th",
        "\u041f\u0440\u0438\u0432\u0435\u0442",
    ]
    for tokenizer in small, large:
        found = [word.strip(" '") for word in words(text, tokenizer)]
        assert [word for word in joined if word in found] == joined


def test_ids_may_have_gaps():
    edges = WordEdges.of(Tokens({3: b"a", 7: b"b", 9: b" c"}))
    assert len(edges.left) == 10
    assert edges.begins(np.array([3, 7, 9, 3])).tolist() == [True, False, True, False]
    assert edges.begins(np.array([], np.int64)).tolist() == []
    with pytest.raises(DataError, match="the id 10 is not"):
        edges.begins(np.array([3, 10]))
