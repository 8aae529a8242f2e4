"""Special tokens: text, tokens or errors, as the caller says."""

import warnings

import generators
import pytest
import tokenizers
from conftest import special_ids, token_ids
from reference import PATTERNS, encode

from bpe_tool import BpeToolWarning, train_vocab


def test_policies_equal_the_reference(tokenizer):
    ids, specials = token_ids(tokenizer), special_ids(tokenizer)
    ranks = {pair: rank for rank, pair in enumerate(tokenizer.merges)}
    for text in generators.byte_strings(seed=61, count=4000):
        plain = encode(text, PATTERNS["cl100k"], ids, ranks)
        assert tokenizer.encode(text) == plain
        if any(special in text for special in specials):
            marked = encode(text, PATTERNS["cl100k"], ids, ranks, specials)
            assert tokenizer.encode(text, special="token") == marked
            with pytest.raises(ValueError, match="special"):
                tokenizer.encode(text, special="error")
        else:
            assert tokenizer.encode(text, special="token") == plain
            assert tokenizer.encode(text, special="error") == plain


def test_plain_text_never_gives_a_special_id(tokenizer):
    specials = set(tokenizer.special_tokens.values())
    for text in generators.texts(seed=62, count=4000):
        assert not specials & set(tokenizer.encode(text))


def test_the_longest_of_those_that_start_together_wins(tokenizer):
    specials = tokenizer.special_tokens
    assert tokenizer.encode("<|endoftext|>", special="token") == [specials["<|endoftext|>"]]
    assert tokenizer.encode("<|end", special="token") == [specials["<|end"]]
    assert tokenizer.encode("<|endof", special="token")[0] == specials["<|end"]


def test_an_error_names_the_token_and_where_it_stands(tokenizer):
    with pytest.raises(ValueError, match=r"<\|endoftext\|>.*\b3\b"):
        tokenizer.encode("é <|endoftext|>", special="error")


@pytest.mark.parametrize("special", ["all", "", None, True])
def test_another_policy_is_refused(tokenizer, special):
    with pytest.raises((ValueError, TypeError)):
        tokenizer.encode("a", special=special)


def test_both_policies_equal_hugging_face(tokenizer, tmp_path):
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    peer = tokenizers.Tokenizer.from_file(str(path))
    texts = list(generators.texts(seed=63, count=3000))
    for special, as_text in (("token", False), ("text", True)):
        peer.encode_special_tokens = as_text
        expected = [row.ids for row in peer.encode_batch(texts, add_special_tokens=False)]
        assert tokenizer.encode_batch(texts, special=special) == expected


def test_special_tokens_next_to_other_scripts_equal_hugging_face(tokenizer, tmp_path):
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    peer = tokenizers.Tokenizer.from_file(str(path))
    for special in tokenizer.special_tokens:
        for before in ("", "a", "é", "中", " ", "\n", "\u0301", "😀", "'", "1", "\u200d"):
            for after in ("", "a", "é", "s", " ", "\n", "\u0301", "中"):
                text = before + special + after
                assert tokenizer.encode(text, special="token") == peer.encode(text).ids, text


def test_a_special_token_may_be_any_text():
    texts = [" ", "  ", "\n\n", "\0\0", "é", "中文", "a b c", "<" * 1000, "\u202e"]
    with pytest.warns(BpeToolWarning):
        tokenizer = train_vocab(
            ["a b c"] * 3, vocab_size=256 + 2 + len(texts), special_tokens=texts[1:]
        )
    for text, id in tokenizer.special_tokens.items():
        assert tokenizer.encode(text, special="token") == [id]
        assert tokenizer.decode([id]) == text


@pytest.mark.parametrize("level", ["byte", "char"])
@pytest.mark.parametrize(
    "text", ["<|end|>", "<début>", "<Ġ>", "ŃÑ|", "<特殊>", "<dé but>", "<\xad>", "<\u0144>"]
)
def test_special_tokens_that_hugging_face_does_not_decode(text, level, tmp_path):
    """A warning names them, and only them."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        tokenizer = train_vocab(["abc"], vocab_size=258, special_tokens=[text], level=level)
    tokenizer.save(tmp_path / "v.json")
    peer = tokenizers.Tokenizer.from_file(str(tmp_path / "v.json"))
    ids = peer.encode(text, add_special_tokens=False).ids
    assert ids == tokenizer.encode(text, special="token")
    assert tokenizer.decode(ids) == text
    if peer.decode(ids, skip_special_tokens=False) == text:
        assert not said
    else:
        [warning] = said
        assert warning.category is BpeToolWarning
        assert repr(text) in str(warning.message)
        assert warning.filename == __file__


def test_thousands_of_special_tokens():
    specials = [f"<|reserved_{at}|>" for at in range(20_000)]
    tokenizer = train_vocab(["aa"], vocab_size=256 + 1 + len(specials), special_tokens=specials)
    text, ids = "".join(specials[::7]), tokenizer.special_tokens
    expected = [ids[special] for special in specials[::7]]
    assert tokenizer.encode(text, special="token") == expected
